"""The command-line door: `ringfence`."""

from api.cli.root import main

__all__ = ["main"]
