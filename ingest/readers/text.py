"""Plain text."""

from collections.abc import Iterator

from ingest.content import Content
from ingest.readers import prose
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    yield Content(path=file.path, blocks=tuple(prose.blocks(decode(file.data))))
