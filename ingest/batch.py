"""What was read and is not in the index yet, of as many files as make it worth the while."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from appliance.errors import RingfenceError
from ingest.catalogue import Files, HeldFile, Row, document_id
from ingest.content import Unread
from ingest.embed import Embedder
from ingest.index import Index, Stored, Vector
from ingest.passage import Document, Passage

EMBEDDED_AT_ONCE = 64


class Failure(Struct, frozen=True):
    code: str
    reason: str
    again: bool = True
    """Whether it is tried again before the file changes."""


@dataclass(eq=False)
class Work:
    """A file that is being read. `held` is its row as it is to become."""

    held: HeldFile
    before: HeldFile | None
    failure: Failure | None = None
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    faults: list[Unread] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def name(self, path: str) -> str:
        """The id of the next document of this path."""
        self.numbers[path] += 1
        return document_id(self.held.id, path, self.numbers[path])

    @property
    def is_first(self) -> bool:
        return self.before is None

    @property
    def keeps_vectors(self) -> bool:
        """Whether what the index has was made by the same embedder."""
        return self.before is not None and self.before.embedder == self.held.embedder

    @property
    def during(self) -> HeldFile:
        """Its row while the index changes: whoever finds it later reads the file again."""
        embedder = self.held.embedder if self.is_first or self.keeps_vectors else ""
        return replace(self.held, digest=None, embedder=embedder, state="reading")

    @property
    def after(self) -> HeldFile:
        if not (failure := self.failure):
            return self.held
        digest = None if failure.again else self.held.digest
        return replace(self.during, digest=digest, state="failed", code=failure.code, reason=failure.reason)


class Piece(Struct, frozen=True):
    work: Work
    row: Row
    document: Document | None = None
    """None: it could not be read."""
    passages: tuple[Passage, ...] = ()


class Batch:
    def __init__(self, tenant: str, files: Files, index: Index, embedder: Embedder) -> None:
        self._tenant = tenant
        self._files = files
        self._index = index
        self._embedder = embedder
        self._pieces: list[Piece] = []
        self._ended: list[Work] = []

    @property
    def size(self) -> int:
        """In passages; a file or a document without any counts too."""
        return len(self._ended) + sum(max(len(piece.passages), 1) for piece in self._pieces)

    def add(self, piece: Piece) -> None:
        self._pieces.append(piece)

    def end(self, work: Work) -> None:
        """All of the file is here, or in the index already."""
        self._ended.append(work)

    async def put(self) -> list[Work]:
        """Into the index, and out of here. The files of which nothing more will come."""
        vectors = await self._vectors()
        await self._files.expect([each.during for each in self._works], [piece.row for piece in self._pieces])
        await self._index.put_all(
            self._tenant, [self._stored(piece, vectors) for piece in self._pieces if piece.document]
        )
        whole = [each.held for each in self._ended if not each.failure and not each.is_first]
        if stale := await self._files.stale(whole):
            await self._index.delete(self._tenant, stale)
        return await self._finish(self._ended)

    async def give_up(self, error: RingfenceError) -> list[Work]:
        """It cannot be put now: its files are read again another time."""
        for each in self._works:
            each.failure = Failure(error.code, error.message)
        return await self._finish(self._works)

    @property
    def _works(self) -> list[Work]:
        """Each once."""
        return list(dict.fromkeys((*(piece.work for piece in self._pieces), *self._ended)))

    async def _finish(self, works: list[Work]) -> list[Work]:
        await self._files.finish([each.after for each in works])
        self._pieces, self._ended = [], []
        return works

    async def _vectors(self) -> dict[str, Vector]:
        known: dict[str, Vector] = {}
        for piece in self._pieces:
            if piece.document and piece.work.keeps_vectors:
                known.update(await self._index.vectors(self._tenant, piece.document.id))
        texts: dict[str, str] = {}
        for piece in self._pieces:
            fresh = {
                each.digest: each.embedded
                for each in piece.passages
                if each.digest not in known and each.digest not in texts
            }
            piece.work.embedded += len(fresh)
            texts.update(fresh)
        for some in _slices(texts.items()):
            vectors = await self._embedder.passages([text for _, text in some])
            known.update(zip([digest for digest, _ in some], vectors, strict=True))
        return known

    def _stored(self, piece: Piece, vectors: dict[str, Vector]) -> Stored:
        assert piece.document
        rows = np.empty((len(piece.passages), self._embedder.dimensions), np.float32)
        for place, each in enumerate(piece.passages):
            rows[place] = vectors[each.digest]
        return Stored(piece.document, piece.passages, rows)


def _slices(texts: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    left = iter(texts)
    while some := list(islice(left, EMBEDDED_AT_ONCE)):
        yield some
