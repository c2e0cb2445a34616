"""What goes into a reader and what comes out of it."""

from collections.abc import Iterator
from typing import Literal, Protocol

from msgspec import Struct

from ingest.content import Content, Unread

Fault = Literal[
    "bomb",
    "cannot_open",
    "crashed",
    "damaged",
    "empty",
    "encrypted",
    "executable",
    "out_of_memory",
    "too_deep",
    "too_large",
    "too_many_pages",
    "too_slow",
    "unknown_format",
    "unsafe",
]
"""Why nothing could be read; docs/reference/errors.md explains each."""


class File(Struct, frozen=True):
    path: str
    """Its name; of one within another: `outer.zip/inner.pdf`."""
    data: bytes
    depth: int = 0
    """How many files it lies in."""
    notes: tuple[str, ...] = ()
    """What is known of it before it is read."""

    def inner(self, name: str, data: bytes, *notes: str) -> "File":
        return File(f"{self.path}/{name}", data, self.depth + 1, notes)


class Bounds(Struct, frozen=True):
    """What a file may cost. Each is there because somebody will send more."""

    size: int = 128 << 20
    """Bytes of a file, as it came or as it was packed."""
    expanded: int = 512 << 20
    """Bytes of all that is packed in one file."""
    ratio: int = 200
    """How many times larger than itself an archive may become."""
    members: int = 20_000
    """Files in one archive, attachments of one mail, mails of one mailbox."""
    depth: int = 4
    """Archives in archives, mails in mails."""
    pages: int = 10_000
    cells: int = 2_000_000
    columns: int = 16_384
    cell: int = 32_768
    """Characters of one cell."""
    nesting: int = 512
    """Elements within elements."""
    text: int = 32 << 20
    """Characters of one document."""
    pixels: int = 100_000_000
    ocr_pages: int = 200
    """Scanned pages of one document that are recognised; those after are reported."""
    languages: str = "eng"
    """Of scanned text, as tesseract names them: `deu+eng`."""


Piece = Content | File | Unread


class Reader(Protocol):
    def __call__(self, file: File, bounds: Bounds, /) -> Iterator[Piece]:
        """A document gives one `Content`; what holds others gives them as `File`s. Raises `Unreadable`."""
        ...
