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
    path: str
    data: bytes
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


def framed(message: Orders | Job | Reply) -> bytes:
    data = msgpack.encode(message)
    return len(data).to_bytes(LENGTH, ORDER) + data


def received(stream: BinaryIO) -> bytes:
    """The next frame; empty at the end of the stream."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return b""
    return stream.read(int.from_bytes(head, ORDER))
