"""Answers of engines on their way to the caller: values put back, leaks kept away."""
