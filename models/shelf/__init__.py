"""The shelf: the models an ISP may serve, as data."""

from models.shelf.architecture import Architecture
from models.shelf.reading import shelf
from models.shelf.rows import Build, Model

__all__ = ["Architecture", "Build", "Model", "shelf"]
