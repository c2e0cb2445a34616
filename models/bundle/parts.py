"""One stream of bytes in files of a chosen size, such as fit on a USB stick, and the stream again from those files."""

import os
import re
import stat
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from msgspec import Struct

from appliance.errors import ModelError

HEAD = 512
MAGIC = b"ringfence bundle part\n"
FORM = re.compile(rb"ringfence bundle part\nbundle ([0-9a-f]{64})\npart (\d{1,6}) of (\d{1,6})\nbytes (\d{1,18})\n\n*")
AGAIN = "Nothing was written. Name all parts of one bundle, under the names that `ringfence bundle export` gave them."


class PartHead(Struct, frozen=True):
    bundle: str
    number: int
    count: int
    size: int

    @property
    def bytes(self) -> bytes:
        text = f"bundle {self.bundle}\npart {self.number} of {self.count}\nbytes {self.size}\n"
        return (MAGIC + text.encode()).ljust(HEAD, b"\n")


class Piece(Struct, frozen=True):
    file: Path
    offset: int
    size: int


class Joined:
    """Files one behind the other, read as one."""

    def __init__(self, pieces: Sequence[Piece], bundle: str = "") -> None:
        self._pieces = pieces
        self._starts = [0, *accumulate(piece.size for piece in pieces)]
        self._streams = [piece.file.open("rb") for piece in pieces]
        self._at = 0
        self.bundle = bundle
        """The id that the parts name; empty when there are none."""

    @property
    def size(self) -> int:
        return self._starts[-1]

    def __enter__(self) -> "Joined":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for stream in self._streams:
            stream.close()

    def seek(self, at: int) -> None:
        self._at = at

    def read(self, size: int, /) -> bytes:
        """All of it, unless the end comes before."""
        found = b""
        while len(found) < size and self._at < self.size:
            index = next(each for each, end in enumerate(self._starts[1:]) if self._at < end)
            piece, within = self._pieces[index], self._at - self._starts[index]
            count = min(size - len(found), piece.size - within)
            data = os.pread(self._streams[index].fileno(), count, piece.offset + within)
            if not data:
                break
            found += data
            self._at += len(data)
        return found


def join(files: Sequence[Path]) -> Joined:
    """Opens a bundle from its one file, or from all of its parts."""
    heads = {file: _head(file) for file in files}
    parts = {file: head for file, head in heads.items() if head is not None}
    if not parts:
        if len(files) != 1:
            raise ModelError(f"{files[0]} is a whole bundle, not a part of one. {AGAIN}")
        return Joined([Piece(files[0], 0, files[0].stat().st_size)])
    if strange := heads.keys() - parts.keys():
        raise ModelError(f"{min(strange)} is no part of a bundle. {AGAIN}")
    first = parts[files[0]]
    by_number: dict[int, Path] = {}
    for file, head in parts.items():
        if (head.bundle, head.count) != (first.bundle, first.count):
            raise ModelError(f"{file} is a part of another bundle than {files[0]}. {AGAIN}")
        _check_place(file, head)
        if head.number in by_number:
            raise ModelError(f"{file} is part {head.number}, as is {by_number[head.number]}. {AGAIN}")
        by_number[head.number] = file
    if missing := [number for number in range(1, first.count + 1) if number not in by_number]:
        raise ModelError(f"Part {missing[0]} of {first.count} is missing. {AGAIN}")
    if len(by_number) != first.count:
        raise ModelError(f"There are more parts than the {first.count} that belong together. {AGAIN}")
    ordered = [by_number[number] for number in range(1, first.count + 1)]
    return Joined([Piece(file, HEAD, parts[file].size) for file in ordered], first.bundle)


def _head(file: Path) -> PartHead | None:
    """None for a file that does not begin as a part does."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise ModelError(f"{file} is no plain file. {AGAIN}")
        with file.open("rb") as stream:
            start = stream.read(HEAD)
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}. {AGAIN}") from error
    if not start.startswith(MAGIC):
        return None
    found = FORM.fullmatch(start)
    if found is None or len(start) != HEAD:
        raise ModelError(f"The head of {file} is damaged. {AGAIN}")
    return PartHead(found[1].decode(), int(found[2]), int(found[3]), int(found[4]))


def _check_place(file: Path, head: PartHead) -> None:
    if file.stat().st_size != HEAD + head.size:
        raise ModelError(f"{file} is truncated, or longer than it was. {AGAIN}")
    named = re.fullmatch(r"\.(\d{3,})", file.suffix)
    if named is None or int(named[1]) != head.number:
        raise ModelError(f"{file} is part {head.number}: parts were exchanged. {AGAIN}")


class PartWriter:
    """Writes a stream into one file, or into parts; under other names until `finish`."""

    def __init__(self, target: Path, total: int, part_size: int | None, bundle: str) -> None:
        self._files = [target]
        self._sizes = [total]
        self._heads = [b""]
        if part_size is not None:
            room = part_size - HEAD
            self._sizes = [min(room, total - at) for at in range(0, total, room)]
            count = len(self._sizes)
            self._files = [target.with_name(f"{target.name}.{number:03}") for number in range(1, count + 1)]
            self._heads = [
                PartHead(bundle, number, count, self._sizes[number - 1]).bytes for number in range(1, count + 1)
            ]
        self._index = self._left = 0
        self._stream: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            stream = self._stream or self._next()
            count = min(len(view), self._left)
            stream.write(view[:count])
            view, self._left = view[count:], self._left - count
            if not self._left:
                self._close(stream)

    def finish(self) -> list[Path]:
        for file in self._files:
            _beside(file).replace(file)
        return self._files

    def discard(self) -> None:
        """What is not finished; nothing after `finish`."""
        if self._stream is not None:
            self._stream.close()
        for file in self._files:
            _beside(file).unlink(missing_ok=True)

    def _next(self) -> BinaryIO:
        self._stream = _beside(self._files[self._index]).open("wb")
        self._stream.write(self._heads[self._index])
        self._left = self._sizes[self._index]
        self._index += 1
        return self._stream

    def _close(self, stream: BinaryIO) -> None:
        stream.flush()
        os.fsync(stream.fileno())
        stream.close()
        self._stream = None


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.partial")
