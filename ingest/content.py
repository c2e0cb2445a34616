"""What a reader makes of a file: blocks of text in their order, each with where it stands."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

Kind = Literal["heading", "paragraph", "list", "table", "code"]

BETWEEN = "\n\n"


class Spot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in the file, as a person would look for it. Numbers begin at 1; 0: the format has none."""

    page: int = 0
    """Of a PDF or a scan; the slide of a presentation."""
    sheet: str = ""
    row: int = 0
    """Of a sheet, or the line of a text or a configuration."""


class Block(Struct, frozen=True, kw_only=True):
    kind: Kind
    text: str
    spot: Spot = Spot()
    level: int = 0
    """Of a heading: 1 is the highest."""
    header: str = ""
    """Of a table: its header row, which stands in `text` too. A table that is cut repeats it."""


class Content(Struct, frozen=True, kw_only=True):
    """One document. A file that holds others (ZIP, mbox, a mail with attachments) is read as several."""

    path: str
    """The file's name; of one within another: `outer.zip/inner.pdf`."""
    blocks: tuple[Block, ...]
    title: str = ""
    language: str = ""
    """Where the file says it: `de`."""
    notes: tuple[str, ...] = ()
    """What was left out and why, such as `page 3 has no text that could be read`. Never silent."""

    @property
    def text(self) -> str:
        """The text that offsets point into."""
        return BETWEEN.join(block.text for block in self.blocks)

    def placed(self) -> Iterator[tuple[int, Block]]:
        """Each block with its offset in `text`."""
        start = 0
        for block in self.blocks:
            yield start, block
            start += len(block.text) + len(BETWEEN)


class Unread(Struct, frozen=True):
    """A file, or one within another, of which nothing could be read."""

    path: str
    code: str
    """Such as `encrypted`, `damaged`, `too_large`, `unknown_format`; see docs/reference/errors.md."""
    reason: str
    """One sentence with the remedy."""
