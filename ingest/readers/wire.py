"""What a reading process and its owner say to each other: frames of msgpack, each behind its length."""

from typing import BinaryIO, Literal

from msgspec import Struct, msgpack

from ingest.content import Content, Unread
from ingest.readers.file import Bounds

LENGTH = 4
ORDER: Literal["big"] = "big"


class Orders(Struct, frozen=True):
    """The first frame: how this process is to work."""

    bounds: Bounds
    seconds: float
    memory: int


class Job(Struct, frozen=True):
    """The file's bytes follow in a frame of their own: packed with the rest they would lie in memory twice."""

    path: str
    skip: int
    """Files in it that were begun before, by a process that died of the last one."""


class Reply(Struct, frozen=True, omit_defaults=True):
    """One of these: a file is begun, a document, a file that could not be read; or the job is done."""

    begun: str = ""
    content: Content | None = None
    unread: Unread | None = None
    worn: bool = False
    """With the end of a job: this process has grown and should be replaced."""

    @property
    def is_end(self) -> bool:
        return not self.begun and self.content is None and self.unread is None


OUT_OF_MEMORY = 77
"""The exit status of a process that had no memory left to say so."""


def framed(message: Orders | Job | Reply) -> bytes:
    data = msgpack.encode(message)
    return len(data).to_bytes(LENGTH, ORDER) + data


def head(data: bytes) -> bytes:
    """What comes before bytes that make a frame as they are."""
    return len(data).to_bytes(LENGTH, ORDER)


def received(stream: BinaryIO) -> bytes:
    """The next frame; empty at the end of the stream."""
    length = stream.read(LENGTH)
    if len(length) < LENGTH:
        return b""
    return stream.read(int.from_bytes(length, ORDER))
