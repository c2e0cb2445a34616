"""The index in this process's files: one folder a tenant, no service."""

from ingest.embedded.index import EmbeddedIndex

__all__ = ["EmbeddedIndex"]
