"""A file and all that lies in it, one document after another. What cannot be read stops none of the others."""

import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from appliance.errors import Unreadable
from ingest.content import Content, Unread
from ingest.readers import (
    archive,
    configuration,
    csv,
    docx,
    html,
    image,
    mail,
    markdown,
    mbox,
    openapi,
    pdf,
    pptx,
    text,
    xlsx,
)
from ingest.readers.file import Bounds, File, Piece, Reader
from ingest.readers.kinds import Format, format_of, misnamed
from ingest.readers.package import WORTH_JUDGING

logger = logging.getLogger(__name__)

READERS: Mapping[Format, Reader] = MappingProxyType(
    {
        "configuration": configuration.read,
        "csv": csv.read,
        "docx": docx.read,
        "html": html.read,
        "image": image.read,
        "mail": mail.read,
        "markdown": markdown.read,
        "mbox": mbox.read,
        "openapi": openapi.read,
        "pdf": pdf.read,
        "pptx": pptx.read,
        "text": text.read,
        "xlsx": xlsx.read,
        "zip": archive.read,
    }
)


CONTAINERS = ("mail", "mbox", "zip")


def documents(file: File, bounds: Bounds, skip: int = 0) -> Iterator[File | Content | Unread]:
    """Each file as it is begun, then what was read of it. The first `skip` files were begun before; they are not read
    again, only opened for what lies in them, and the last of them not even that."""
    begun = expanded = 0
    allowed = min(bounds.expanded, max(len(file.data) * bounds.ratio, WORTH_JUDGING))
    todo: list[Iterator[Piece]] = [iter([file])]
    while todo:
        piece = next(todo[-1], None)
        if piece is None:
            todo.pop()
        elif isinstance(piece, File):
            begun += 1
            if begun > skip:
                yield piece
            expanded += len(piece.data) if piece.depth else 0
            if expanded > allowed:
                yield Unread(file.path, "bomb", f"What is packed in it has over {allowed >> 20} MiB. Split it.")
                return
            if begun > skip or (begun < skip and holds_others(piece)):
                todo.append(pieces(piece, bounds))
        elif begun >= skip:
            yield piece


def holds_others(file: File) -> bool:
    try:
        return format_of(file) in CONTAINERS
    except Unreadable:
        return False


def pieces(file: File, bounds: Bounds) -> Iterator[Piece]:
    """What one file holds; all that may go wrong is told by an `Unread`."""
    try:
        yield from _read(file, bounds)
    except Unreadable as error:
        yield Unread(file.path, error.fault, error.message)
    except MemoryError:
        yield Unread(file.path, "out_of_memory", "Reading it takes more memory than allowed. Split it.")
    except RecursionError:
        yield Unread(file.path, "too_deep", "Its parts lie too deep in each other. Simplify it.")
    except Exception as error:
        # Whatever a library makes of what somebody built to break it. Its text may quote the document.
        yield _damaged(file, error)


def _read(file: File, bounds: Bounds) -> Iterator[Piece]:
    if file.depth > bounds.depth:
        raise Unreadable("too_deep", f"It lies in more than {bounds.depth} other files. Unpack them.")
    if len(file.data) > bounds.size:
        raise Unreadable("too_large", f"It has over {bounds.size >> 20} MiB. Split it.")
    kind = format_of(file)
    notes = tuple(filter(None, (*file.notes, misnamed(file.path, kind))))
    for piece in READERS[kind](file, bounds):
        yield _finished(piece, notes, bounds) if isinstance(piece, Content) else piece


def _finished(content: Content, notes: tuple[str, ...], bounds: Bounds) -> Content | Unread:
    content = replace(content, notes=(*notes, *content.notes))
    size = sum(len(each.text) for each in content.blocks)
    if size > bounds.text:
        return Unread(content.path, "too_large", f"It has over {bounds.text} characters of text. Split it.")
    if not size:
        why = f": {content.notes[-1]}" if content.notes else ""
        return Unread(content.path, "empty", f"There is no text in it{why}. Look whether it is the right file.")
    return content


def _damaged(file: File, error: Exception) -> Unread:
    logger.debug("a reader broke", extra={"kind": type(error).__name__})
    return Unread(file.path, "damaged", f"It is damaged ({type(error).__name__}). Save or export it again.")
