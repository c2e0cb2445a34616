"""Digests: SHA-256 names what the store keeps; git's SHA-1 is how a hub names its small files."""

import hashlib
from pathlib import Path

from msgspec import Struct

CHUNK = 1 << 20


class Digest(Struct, frozen=True):
    """What a source says of a file's content; both are empty when it says nothing."""

    sha256: str = ""
    git: str = ""

    @property
    def text(self) -> str:
        return f"its SHA-256 should be {self.sha256}" if self.sha256 else f"its git SHA-1 should be {self.git}"


class Check:
    """Takes a content piece by piece and says whether it is what a source said."""

    def __init__(self, said: Digest, size: int) -> None:
        self._said = said
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False) if said.git else None

    def update(self, data: bytes | memoryview) -> None:
        self._sha256.update(data)
        if self._git is not None:
            self._git.update(data)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def agrees(self) -> bool:
        git = self._git.hexdigest() if self._git is not None else ""
        return self._said.sha256 in ("", self.sha256) and self._said.git == git


def sha256_of(file: Path) -> str:
    """Empty when there is no such file."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
