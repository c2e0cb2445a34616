"""The embedded index answers as its exact twin, and as if what may not be seen were not there."""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.embedded import EmbeddedIndex
from ingest.fusion import Fusion, reciprocal, relative
from ingest.index import Filter, Hit, Index, Query, Stored, Vector
from ingest.passage import EVERYBODY, Document
from ingest.twin import TwinIndex
from tests.integration.ingest.shelf import WIDTH, Shelf, day, direction, document, passage

TENANT = "north"
WORDS = [
    "router",
    "routers",
    "routerboard",
    "modem",
    "vlan",
    "300",
    "vlan300",
    "Störung",
    "the",
    "glasfaser",
    "Glasfaseranschluss",
]
READERS = [EVERYBODY, "role:agent", "group:noc"]
NAMES = ["a", "b", "c", "d", "e"]
STEPS = 12

EVERYTHING = Query(text="router", vector=direction(1, 2), readers=frozenset(READERS), limit=100)


class Draw:
    """What may be done to an index, at random. Hypothesis gives the seed: on its own it draws mostly empty lists."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def change(self) -> tuple[str, object]:
        kinds = {"put": 10, "describe": 2, "delete": 3, "drop": 1, "search": 4}
        (what,) = self._random.choices(list(kinds), list(kinds.values()))
        match what:
            case "put":
                return what, [self.stored() for _ in range(self._random.randint(1, 3))]
            case "describe":
                return what, self.document()
            case "delete":
                return what, self._some(NAMES)
            case "drop":
                return what, self._one("", "one", "two")
        return what, self.query()

    def stored(self) -> Stored:
        of, count = self.document(), self._random.randint(0, 5)
        vectors = [self._direction() for _ in range(count)]
        passages = tuple(passage(of, number, self._text()) for number in range(count))
        return Stored(of, passages, np.stack(vectors) if vectors else np.zeros((0, WIDTH), np.float32))

    def document(self) -> Document:
        return document(
            self._one(*NAMES),
            version=self._random.randint(1, 3),
            title=self._one("Handbook", "Router manual", ""),
            language=self._one("en", "de", ""),
            collection=self._one("one", "two"),
            source=self._one("", "wiki"),
            labels=self._some(["x", "y"]),
            access=self._one((EVERYBODY,), (EVERYBODY,), *[self._some(READERS) for _ in range(2)]),
            modified=self._one(None, day(self._random.randint(1, 5))),
        )

    def query(self) -> Query:
        among = Filter(
            collections=self._one((), ("one",), ("two", "none")),
            documents=self._one((), (), ("a", "b", "none")),
            sources=self._one((), (), ("wiki",)),
            languages=self._one((), ("de",), ("en", "de")),
            labels=self._one((), ("x",), ("x", "y")),
            since=self._one(None, None, day(self._random.randint(1, 5))),
            until=self._one(None, None, day(self._random.randint(1, 5))),
        )
        return Query(
            text=self._text(),
            vector=self._one(None, self._direction()),
            readers=frozenset(self._some(READERS)),
            among=self._one(Filter(), Filter(), among),
            limit=self._random.randint(0, 6),
            alpha=self._one(0.0, 0.3, 0.5, 1.0),
        )

    def _text(self) -> str:
        return " ".join(self._random.choices(WORDS, k=self._random.randint(0, 12)))

    def _direction(self) -> Vector:
        return direction(1, *[self._random.randint(-3, 3) for _ in range(WIDTH - 1)])

    def _one(self, *of: Any) -> Any:
        return self._random.choice(of)

    def _some(self, of: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._random.sample(of, self._random.randint(0, len(of))))


async def done(index: Index, what: str, given: object) -> object:
    match what:
        case "put":
            return await index.put_all(TENANT, given)
        case "describe":
            return await index.describe(TENANT, given)
        case "delete":
            return await index.delete(TENANT, given)
        case "drop":
            return await index.drop(TENANT, given)
    return comparable(await index.search(TENANT, given)), await index.count(TENANT, given.readers, given.among)


def comparable(hits: list[Hit]) -> list[tuple[object, ...]]:
    return [(hit.document, hit.passage, hit.score, hit.keyword, hit.similarity) for hit in hits]


async def contents(index: Index) -> list[tuple[object, ...]]:
    return [(each.document, each.passages, each.vectors.tolist()) async for each in index.scan(TENANT)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([relative, reciprocal]))
def test_they_agree_on_everything(seed: int, fusion: Fusion):
    draw = Draw(seed)

    async def compare(folder: Path) -> None:
        twin, embedded = TwinIndex(fusion), EmbeddedIndex(folder, fusion)
        for _ in range(STEPS):
            what, change = draw.change()
            assert await done(embedded, what, change) == await done(twin, what, change)
            assert await done(embedded, "search", EVERYTHING) == await done(twin, "search", EVERYTHING)
        assert await contents(embedded) == await contents(twin)
        await embedded.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_what_a_reader_may_not_see_changes_nothing(seed: int):
    """Not the order, not a score, not a count: an index of only what is permitted gives the same."""
    draw = Draw(seed)
    newest = {each.document.id: each for each in (draw.stored() for _ in range(STEPS))}
    asked = [draw.query() for _ in range(STEPS)]

    def is_permitted(of: Document, query: Query) -> bool:
        return not query.readers.isdisjoint(of.access)

    async def compare(folder: Path) -> None:
        everything = EmbeddedIndex(folder)
        await everything.put_all(TENANT, list(newest.values()))
        for query in asked:
            permitted = TwinIndex()
            await permitted.put_all(TENANT, [each for each in newest.values() if is_permitted(each.document, query)])
            assert await done(everything, "search", query) == await done(permitted, "search", query)
        await everything.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder)))


async def test_they_agree_on_a_longer_text(tmp_path: Path):
    """Beyond the first stripe of slots, with more equals than there are candidates."""
    twin, embedded = TwinIndex(), EmbeddedIndex(tmp_path)
    batch = []
    for number in range(900):
        of = document(f"d{number:04}", access=(READERS[number % 3],))
        some = [passage(of, place, f"router {WORDS[(number + place) % len(WORDS)]}") for place in range(10)]
        vectors = np.stack([direction(1, number % 7, place) for place in range(10)])
        batch.append(Stored(of, tuple(some), vectors))
    for index in (twin, embedded):
        await index.put_all(TENANT, batch)
        await index.delete(TENANT, [f"d{number:04}" for number in range(0, 900, 5)])
    for readers in ([EVERYBODY], READERS):
        query = Query(text="router glasfaser", readers=frozenset(readers), limit=30)
        assert await done(embedded, "search", query) == await done(twin, "search", query)
    assert (await Shelf(embedded, TENANT).counted(*READERS)) == (720, 7200)
    await embedded.close()
