"""llama.cpp in a child process of ours: its command, its client, and what it cannot do by itself."""

from inference.llamacpp.client import LlamaCpp

__all__ = ["LlamaCpp"]
