"""PDF, printed or scanned."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from appliance.errors import Unreadable
from ingest.content import Block, Content
from ingest.readers import layout
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.ocr import recognised
from ingest.readers.words import Page

if TYPE_CHECKING:
    from ingest.readers.pdfium import Document, OpenPage

MOST_WORDS = 20_000
"""Of one page: a page of a newspaper has 3,000."""


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    from ingest.readers.pdfium import Document

    document = Document(file.data)
    try:
        if len(document) > bounds.pages:
            raise Unreadable("too_many_pages", f"There are {len(document)} pages, over {bounds.pages}. Split the PDF.")
        yield _content(file.path, document, bounds)
    finally:
        document.close()


def _content(path: str, document: "Document", bounds: Bounds) -> Content:
    pages: list[list[layout.Part]] = []
    scanned: dict[int, tuple[Block, ...]] = {}
    notes: list[str] = []
    for number in range(1, len(document) + 1):
        page = _page(document, number, notes)
        if page is None:
            continue
        try:
            read = page.read()
            if len(read.words) > MOST_WORDS:
                notes.append(f"page {number} has over {MOST_WORDS} words and was left out")
            elif read.words:
                pages.append(layout.parts(read))
            else:
                scanned[number] = _scan(page, read, len(scanned), notes, bounds)
        finally:
            page.close()
    left_out = layout.running(pages)
    if left_out:
        notes.append("left out as running lines: " + "; ".join(sorted(left_out))[:200])
    parts = [part for page in pages for part in layout.without(page, left_out)]
    blocks = _merged(list(layout.blocks(parts)), scanned)
    title = document.title or next((each.text for each in blocks if each.kind == "heading"), "")
    return Content(path=path, blocks=tuple(blocks), title=title, language=document.language, notes=tuple(notes))


def _page(document: "Document", number: int, notes: list[str]) -> "OpenPage | None":
    try:
        return document.page(number)
    except Unreadable:
        notes.append(f"page {number} is damaged and was left out")
        return None


def _scan(opened: "OpenPage", page: Page, before: int, notes: list[str], bounds: Bounds) -> tuple[Block, ...]:
    """The text of a page that is a picture; a note when there is none."""
    number = page.number
    if not opened.has_picture() and not page.rules:
        notes.append(f"page {number} is empty")
        return ()
    if before >= bounds.ocr_pages:
        notes.append(f"page {number} is a scan and was left out: more than {bounds.ocr_pages} in one document")
        return ()
    found, note = recognised(opened.picture(bounds.pixels), number, bounds)
    if note:
        notes.append(f"page {number} has no text that could be read: {note}")
    return found


def _merged(blocks: list[Block], scanned: dict[int, tuple[Block, ...]]) -> list[Block]:
    found = [*blocks, *(each for part in scanned.values() for each in part)]
    return sorted(found, key=lambda each: each.spot.page) if scanned else blocks
