"""Texts with what is personal or secret in them, made from templates of our own."""
