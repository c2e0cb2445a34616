"""Wire types: what callers may send."""
