"""Files in, documents out: a reader for each format, in a process that can do no harm."""

from ingest.readers.file import Bounds, File, Reader

__all__ = ["Bounds", "File", "Reader"]
