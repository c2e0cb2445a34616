"""What is in each collection, in the database. Nothing else writes these tables."""

from ingest.catalogue.collections import Collection, Collections, New, Privacy
from ingest.catalogue.files import Fault, Files, HeldFile, Row, document_id, file_id

__all__ = [
    "Collection",
    "Collections",
    "Fault",
    "Files",
    "HeldFile",
    "New",
    "Privacy",
    "Row",
    "document_id",
    "file_id",
]
