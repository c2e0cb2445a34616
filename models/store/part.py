"""A file that is being fetched, and how far each of its ranges has come: what a killed process leaves to go on with."""

import os
import struct
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from msgspec import Struct

RANGE = 32 << 20
HEADER = struct.Struct("<QQ")
COUNT = struct.Struct("<Q")


class Range(Struct, frozen=True):
    index: int
    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin


class Part:
    """Ranges are written by one thread each. Bytes come first and their count second, so a count never promises more
    than there is; a power cut may still break that, which the digest tells."""

    def __init__(self, folder: Path, key: str, size: int, length: int = RANGE) -> None:
        self.file = folder / key
        self.counts = folder / f"{key}.progress"
        self.size = size
        self._header = HEADER.pack(size, length)
        cuts = [*range(0, size, length), size] if size else [0, 0]
        self.ranges = [Range(index, *pair) for index, pair in enumerate(pairwise(cuts))]
        self._done = [0] * len(self.ranges)

    def __enter__(self) -> "Part":
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._done = self.remembered()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        with ExitStack() as opened:
            self._data = os.open(self.file, flags, 0o600)
            opened.callback(os.close, self._data)
            self._count = os.open(self.counts, flags, 0o600)
            opened.callback(os.close, self._count)
            if not any(self._done):
                os.ftruncate(self._count, 0)
                os.pwrite(self._count, self._header + bytes(COUNT.size * len(self.ranges)), 0)
            os.ftruncate(self._data, self.size)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()

    def done(self, of: Range) -> int:
        return self._done[of.index]

    def restart(self, of: Range) -> None:
        self._record(of, 0)

    def write(self, of: Range, data: bytes) -> None:
        at, view = of.begin + self.done(of), memoryview(data)
        while view:
            wrote = os.pwrite(self._data, view, at)
            at, view = at + wrote, view[wrote:]
        self._record(of, self.done(of) + len(data))

    def read(self, begin: int, size: int) -> bytes:
        return os.pread(self._data, size, begin)

    def discard(self) -> None:
        self.file.unlink(missing_ok=True)
        self.counts.unlink(missing_ok=True)

    def _record(self, of: Range, done: int) -> None:
        self._done[of.index] = done
        os.pwrite(self._count, COUNT.pack(done), HEADER.size + COUNT.size * of.index)

    def remembered(self) -> list[int]:
        """How far each range had come."""
        nothing = [0] * len(self.ranges)
        try:
            held, size = self.counts.read_bytes(), self.file.stat().st_size
        except FileNotFoundError:
            return nothing
        if size != self.size or len(held) != HEADER.size + COUNT.size * len(self.ranges):
            return nothing
        found = [done for (done,) in COUNT.iter_unpack(held[HEADER.size :])]
        fits = all(done <= each.size for done, each in zip(found, self.ranges, strict=True))
        return found if fits and held.startswith(self._header) else nothing
