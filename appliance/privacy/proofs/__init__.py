"""Whether a string can be what it looks like."""
