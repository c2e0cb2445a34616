"""What is personal or secret in a text, and how it stays inside."""
