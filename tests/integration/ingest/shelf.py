"""Documents for tests of an index, in few words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from msgspec import structs

from ingest.index import Hit, Index, Query, Stored, Vector
from ingest.passage import EVERYBODY, Document, Passage

TENANT = "north"
ANYBODY = frozenset({EVERYBODY})
WIDTH = 8


def direction(*weights: float) -> Vector:
    """Of length 1, in the plane that the weights name."""
    vector = np.zeros(WIDTH, np.float32)
    vector[: len(weights)] = weights
    return vector / np.linalg.norm(vector)


def document(name: str, **fields: object) -> Document:
    usual = {"collection": "handbook", "version": 1, "title": "Handbook", "language": "en"}
    return Document(id=name, **(usual | fields))  # type: ignore[arg-type]


def passage(of: Document, number: int, text: str, headings: tuple[str, ...] = ()) -> Passage:
    return Passage(
        id=f"{of.id}:{number}:{of.version}", document=of.id, number=number, text=text, title=of.title,
        headings=headings, start=number * 100, end=number * 100 + len(text), digest=f"{of.title}/{text}",
    )  # fmt: skip


def stored(of: Document, *texts: str, vectors: Sequence[Vector] = ()) -> Stored:
    passages = tuple(passage(of, number, text) for number, text in enumerate(texts))
    given = list(vectors) or [direction(1, number) for number in range(len(texts))]
    return Stored(of, passages, np.stack(given) if given else np.zeros((0, WIDTH), np.float32))


@dataclass
class Shelf:
    """An index with one tenant, asked in few words."""

    index: Index
    tenant: str = TENANT
    put: list[str] = field(default_factory=list)

    async def add(self, name: str, *texts: str, vectors: Sequence[Vector] = (), **fields: object) -> Stored:
        made = stored(document(name, **fields), *texts, vectors=vectors)
        await self.index.put(self.tenant, made.document, made.passages, made.vectors)
        return made

    async def hits(self, text: str = "", **fields: object) -> list[Hit]:
        query = Query(text=text, readers=ANYBODY)
        return await self.index.search(self.tenant, structs.replace(query, **fields))

    async def found(self, text: str = "", **fields: object) -> list[str]:
        """The documents, the best first, each once."""
        return list(dict.fromkeys(hit.document.id for hit in await self.hits(text, **fields)))

    async def counted(self, *readers: str) -> tuple[int, int]:
        count = await self.index.count(self.tenant, frozenset(readers) or ANYBODY)
        return count.documents, count.passages


def day(number: int) -> datetime:
    return datetime(2026, 5, number, tzinfo=UTC)
