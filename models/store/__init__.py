"""The store of model files: content-addressed, and the only downloader."""

from models.store.blobs import Blobs
from models.store.folder import Folder
from models.store.hub import Hub
from models.store.manifest import Manifest, StoredFile
from models.store.source import Meter, Source
from models.store.store import Finding, Store
from models.store.web import Web

__all__ = ["Blobs", "Finding", "Folder", "Hub", "Manifest", "Meter", "Source", "Store", "StoredFile", "Web"]
