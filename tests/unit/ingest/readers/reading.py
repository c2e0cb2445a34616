"""Reading in this process, for unit tests."""

from ingest.content import Block, Content, Unread
from ingest.readers.file import Bounds, File
from ingest.readers.walk import documents


def read_all(name: str, data: bytes, bounds: Bounds = Bounds()) -> list[Content | Unread]:  # noqa: B008
    return [each for each in documents(File(name, data), bounds) if not isinstance(each, File)]


def read(name: str, data: bytes | str, bounds: Bounds = Bounds()) -> Content:  # noqa: B008
    found = read_all(name, data.encode() if isinstance(data, str) else data, bounds)
    assert len(found) == 1
    assert isinstance(found[0], Content), found
    return found[0]


def refused(name: str, data: bytes, bounds: Bounds = Bounds()) -> str:  # noqa: B008
    """The code."""
    found = read_all(name, data, bounds)
    assert len(found) == 1
    assert isinstance(found[0], Unread), found
    return found[0].code


def shape(content: Content) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in content.blocks]


def only(content: Content, kind: str) -> list[Block]:
    return [each for each in content.blocks if each.kind == kind]
