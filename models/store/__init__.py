"""The store of model files: content-addressed, and the only downloader."""

from models.store.blobs import Blobs
from models.store.manifest import Manifest, StoredFile
from models.store.source import Meter, Source
from models.store.store import Finding, Store

__all__ = ["Blobs", "Finding", "Manifest", "Meter", "Source", "Store", "StoredFile"]
