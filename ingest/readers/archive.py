"""A ZIP of documents."""

import stat
from collections.abc import Iterator

from appliance.errors import Unreadable
from ingest.content import Unread
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.package import Archive

NO_DOCUMENTS = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    archive = Archive(file.data, bounds)
    for member in archive.members:
        name = _inside(member.filename)
        if member.is_dir() or not name or name.startswith(NO_DOCUMENTS[0]) or name.endswith(NO_DOCUMENTS[1:]):
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            yield Unread(f"{file.path}/{name}", "unsafe", "This is a link to a file, not a file. Pack the file itself.")
            continue
        try:
            data = archive.read(member)
        except Unreadable as error:
            yield Unread(f"{file.path}/{name}", error.fault, error.message)
            continue
        notes = () if name == member.filename else ("its name in the archive led elsewhere and was shortened",)
        yield file.inner(name, data, *notes)


def _inside(name: str) -> str:
    """The name without what would lead out of the archive."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(each for each in parts if each not in ("", ".", "..") and not each.endswith(":"))
