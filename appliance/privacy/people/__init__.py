"""Names and postal addresses of people."""
