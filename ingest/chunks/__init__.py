"""From a document's content to its passages. Pure."""

from ingest.chunks.measure import Measure, Ruler
from ingest.chunks.split import SIZE, split

__all__ = ["SIZE", "Measure", "Ruler", "split"]
