"""The embedded index answers as its exact twin, and as if what may not be seen were not there."""

import asyncio
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from ingest.embedded import EmbeddedIndex
from ingest.fusion import reciprocal, relative
from ingest.index import Filter, Hit, Index, Query, Stored
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

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
directions = st.lists(st.integers(-3, 3), min_size=WIDTH, max_size=WIDTH).filter(any).map(lambda each: direction(*each))
described = st.builds(
    document,
    st.sampled_from(NAMES),
    version=st.integers(1, 4),
    title=st.sampled_from(["Handbook", "Router manual", ""]),
    language=st.sampled_from(["en", "de", ""]),
    collection=st.sampled_from(["one", "two"]),
    source=st.sampled_from(["", "wiki"]),
    labels=st.lists(st.sampled_from(["x", "y"]), unique=True).map(tuple),
    access=st.lists(st.sampled_from(READERS), unique=True).map(tuple),
    modified=st.none() | st.integers(1, 5).map(day),
)
filters = st.builds(
    Filter,
    collections=st.sampled_from([(), ("one",), ("two",), ("none",)]),
    documents=st.sampled_from([(), ("a",), ("b", "c")]),
    languages=st.sampled_from([(), ("de",), ("en", "de")]),
    labels=st.sampled_from([(), ("x",), ("x", "y")]),
    since=st.none() | st.integers(1, 5).map(day),
    until=st.none() | st.integers(1, 5).map(day),
)
queries = st.builds(
    Query,
    text=texts,
    vector=st.none() | directions,
    readers=st.frozensets(st.sampled_from(READERS)),
    among=st.just(Filter()) | filters,
    limit=st.integers(0, 6),
    alpha=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
)


@st.composite
def stored(draw: st.DrawFn) -> Stored:
    of = draw(described)
    drawn = draw(st.lists(st.tuples(texts, directions), max_size=4))
    vectors = np.stack([vector for _, vector in drawn]) if drawn else np.zeros((0, WIDTH), np.float32)
    return Stored(of, tuple(passage(of, number, text) for number, (text, _) in enumerate(drawn)), vectors)


changes = st.one_of(
    st.tuples(st.just("put"), st.lists(stored(), min_size=1, max_size=3)),
    st.tuples(st.just("describe"), described),
    st.tuples(st.just("delete"), st.lists(st.sampled_from(NAMES))),
    st.tuples(st.just("drop"), st.sampled_from(["", "one", "two"])),
    st.tuples(st.just("search"), queries),
)


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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(changes, max_size=12), st.sampled_from([relative, reciprocal]))
def test_they_agree_on_everything(steps: list[tuple[str, object]], fusion):
    async def compare(folder: Path) -> None:
        twin, embedded = TwinIndex(fusion), EmbeddedIndex(folder, fusion)
        for what, change in steps:
            assert await done(embedded, what, change) == await done(twin, what, change)
        assert await contents(embedded) == await contents(twin)
        await embedded.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(stored(), max_size=8), st.lists(queries, min_size=1, max_size=4))
def test_what_a_reader_may_not_see_changes_nothing(put: list[Stored], asked: list[Query]):
    """Not the order, not a score, not a count: an index of only what is permitted gives the same."""
    newest = {each.document.id: each for each in put}

    def is_permitted(of: Document, query: Query) -> bool:
        return not query.readers.isdisjoint(of.access)

    async def compare(folder: Path) -> None:
        everything = EmbeddedIndex(folder)
        await everything.put_all(TENANT, [structs.replace(each, document=each.document) for each in newest.values()])
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
