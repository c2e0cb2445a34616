"""The vectors of a tenant, in two files that grow: one row a slot, and the same vectors as signs to scan.

A file is written by the one who holds the writer's lock, and read by everybody through the same memory. What a
slot that is in use holds never changes, so a reader needs no lock; see `reader.py` for the slots that fall vacant.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.index import Vector, Vectors

Slots = NDArray[np.int64]

ROWS, SIGNS = "vectors.f16", "signs.u64"
STRIPE = 8192
"""Slots whose signs lie together: as much as a core's cache holds while it is scanned."""
LEAST_GROWTH = 256
WORD = 64


class Matrix:
    def __init__(self, folder: Path, width: int) -> None:
        self.width = width
        self._planes = -(-width // WORD)
        self._folder = folder
        self._rows = np.zeros((0, width), np.float16)
        self._signs = np.zeros((0, self._planes, STRIPE), np.uint64)

    def rows(self, slots: Slots) -> Vectors:
        if len(slots) and slots.max() >= len(self._rows):
            self._rows = np.asarray(np.memmap(self._folder / ROWS, np.float16, "r")).reshape(-1, self.width)
        return self._rows[slots].astype(np.float32)

    def distances(self, vector: Vector, size: int) -> NDArray[np.uint16]:
        """In how many signs each of the first slots differs from the vector."""
        if size > len(self._signs) * STRIPE:
            stripes = np.asarray(np.memmap(self._folder / SIGNS, np.uint64, "r"))
            self._signs = stripes.reshape(-1, self._planes, STRIPE)
        signs = self._signs
        asked = packed(vector[np.newaxis]).T
        found = np.empty(size, np.uint16)
        for number, start in enumerate(range(0, size, STRIPE)):
            end = min(size, start + STRIPE)
            differing = np.bitwise_count(signs[number, :, : end - start] ^ asked)
            differing.sum(axis=0, dtype=np.uint16, out=found[start:end])
        return found

    def write(self, slots: Slots, vectors: Vectors) -> None:
        """Reaches the disk before it returns."""
        if not len(slots):
            return
        size = int(slots.max()) + 1
        _grow(self._folder / ROWS, self.width * 2, size, max(LEAST_GROWTH, size // 8))
        _grow(self._folder / SIGNS, self._planes * 8, size, STRIPE)
        rows = np.memmap(self._folder / ROWS, np.float16, "r+").reshape(-1, self.width)
        rows[slots] = vectors
        signs = np.memmap(self._folder / SIGNS, np.uint64, "r+").reshape(-1, self._planes, STRIPE)
        signs[slots // STRIPE, :, slots % STRIPE] = packed(vectors)
        for written in (rows, signs):
            _sync(written)

    def wipe(self, slots: Slots) -> None:
        self.write(slots, np.zeros((len(slots), self.width), np.float32))


def packed(vectors: Vectors) -> NDArray[np.uint64]:
    """Signs, one bit each, in words of 64."""
    bits = np.packbits(vectors > 0, axis=1)
    missing = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, missing)))).view(np.uint64)


def _grow(file: Path, width: int, size: int, step: int) -> None:
    """The disk's room is taken first: writing to a mapped page that has none would kill the process."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size < size * width:
            os.posix_fallocate(descriptor, 0, -(-size // step) * step * width)
    finally:
        os.close(descriptor)


def _sync(written: NDArray[np.generic]) -> None:
    base = written.base
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    if isinstance(base, np.memmap):
        base.flush()
