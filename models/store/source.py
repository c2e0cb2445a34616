"""What the store fetches from: a hub, its mirror, or a folder."""

from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from models.store.digest import Digest


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Offer(Struct, frozen=True):
    """A file that a source has."""

    path: str
    size: int
    digest: Digest
    key: str
    """Names this very content, so that a fetch that was cut can go on."""


class Listing(Struct, frozen=True, kw_only=True):
    source: str
    revision: str = ""
    licence: str = ""
    paths: tuple[str, ...]


class Source(Protocol):
    def list(self) -> Listing: ...

    def offer(self, path: str) -> Offer: ...

    def read(self, path: str, begin: int, end: int) -> AbstractContextManager[Stream]:
        """These bytes of a file; raises `Unavailable` where trying again may help."""


class Meter(Protocol):
    """Is told how a long task goes; called from several threads."""

    def say(self, text: str) -> None: ...

    def begin(self, total: int) -> None:
        """So many bytes are to be had."""

    def advance(self, done: int) -> None:
        """So many more are there."""
