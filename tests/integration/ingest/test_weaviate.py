"""What is Weaviate's alone: rights, files, other workers, its schema; and that it holds what the twin holds."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from weaviate.exceptions import InsufficientPermissionsError, UnexpectedStatusCodeError

from appliance.errors import ConfigError, SchemaMismatch, Unavailable
from appliance.settings import WeaviateSettings
from ingest.index import Hit
from ingest.twin import TwinIndex
from ingest.weaviate import access, schema
from ingest.weaviate.connection import connected
from ingest.weaviate.index import WeaviateIndex
from tests.integration.ingest.shelf import TENANT, Shelf, direction
from tests.integration.ingest.test_index_twin import STEPS, Draw, done
from tests.peers.weaviate import Weaviate

MARK = "zanzibarmark"


@pytest.fixture
async def index(weaviate: Weaviate) -> AsyncIterator[WeaviateIndex]:
    made = WeaviateIndex(weaviate.index)
    yield made
    await made.drop(TENANT)
    await made.close()


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_it_holds_and_finds_what_the_twin_does(weaviate: Weaviate, seed: int):
    """Scores are BM25 of another kind; what is found at all, how similar it is, and what is there, is the same."""
    draw = Draw(seed)

    async def compare() -> None:
        twin, index = TwinIndex(), WeaviateIndex(weaviate.index)
        for _ in range(STEPS):
            what, change = draw.change()
            if what == "search":
                query = structs.replace(change, limit=300 if change.limit else 0)
                assert alike(await index.search(TENANT, query), await twin.search(TENANT, query))
                counts = [await each.count(TENANT, query.readers, query.among) for each in (index, twin)]
                assert counts[0] == counts[1]
            else:
                assert await done(index, what, change) == await done(twin, what, change)
        there, exact = [[each async for each in one.scan(TENANT)] for one in (index, twin)]
        assert [(each.document, each.passages) for each in there] == [(each.document, each.passages) for each in exact]
        for one, other in zip(there, exact, strict=True):
            np.testing.assert_allclose(one.vectors.ravel(), other.vectors.ravel(), atol=0.01)
        await index.drop(TENANT)
        await index.close()

    asyncio.run(compare())


def alike(hits: list[Hit], exact: list[Hit]) -> bool:
    found, wanted = ({hit.passage.id: hit for hit in some} for some in (hits, exact))
    return found.keys() == wanted.keys() and all(
        hit.document == wanted[name].document
        and (hit.similarity == 0 or abs(hit.similarity - wanted[name].similarity) < 0.01)
        for name, hit in found.items()
    )


async def test_the_index_may_do_no_more_than_it_needs(weaviate: Weaviate, index: WeaviateIndex):
    await Shelf(index).add("a", "router")
    async with connected(weaviate.index) as client:
        with pytest.raises(InsufficientPermissionsError):
            await client.collections.create("Elsewhere")
        with pytest.raises(UnexpectedStatusCodeError):
            await client.collections.delete(schema.DOCUMENTS)
        with pytest.raises(InsufficientPermissionsError):
            await client.users.db.create(user_id="mallory")
        with pytest.raises(InsufficientPermissionsError):
            await client.roles.create(role_name="all", permissions=access.rights())
    assert await Shelf(index).found("router") == ["a"]


async def test_a_wrong_key_is_told(weaviate: Weaviate):
    index = WeaviateIndex(structs.replace(weaviate.index, key="wrong"))
    with pytest.raises(ConfigError, match="ringfence weaviate setup"):
        await index.tenants()
    await index.close()


async def test_a_dropped_tenant_leaves_nothing_in_the_files(weaviate: Weaviate, index: WeaviateIndex):
    other = Shelf(index, "south")
    await Shelf(index).add("a", f"router {MARK}", title=f"{MARK} manual")
    await other.add("b", "modem")
    await index.delete("south", ["b"])
    assert holding(weaviate.folder / "data", MARK)
    await index.drop(TENANT)
    until = time.monotonic() + 20
    while (left := holding(weaviate.folder / "data", MARK)) and time.monotonic() < until:
        await asyncio.sleep(0.2)
    assert left == []
    await index.drop("south")


def holding(folder: Path, text: str) -> list[str]:
    found = []
    for file in folder.rglob("*"):
        try:
            if file.is_file() and text.encode() in file.read_bytes():
                found.append(str(file))
        except FileNotFoundError:
            continue
    return found


async def test_a_tenant_that_rests_wakes_at_its_next_question(index: WeaviateIndex):
    shelf = Shelf(index)
    await shelf.add("a", "router")
    await index.rest(TENANT)
    assert await shelf.found("router") == ["a"]
    await index.rest(TENANT)
    await shelf.add("b", "router")
    assert await shelf.counted() == (2, 2)


async def test_workers_see_what_others_change(weaviate: Weaviate, index: WeaviateIndex):
    other = WeaviateIndex(weaviate.index)
    mine, theirs = Shelf(index), Shelf(other)
    await mine.add("a", "router", vectors=[direction(1)])
    assert await theirs.found("router") == ["a"]
    await theirs.add("a", "modem", version=2)
    assert await mine.found("router modem") == ["a"]
    assert await other.drop(TENANT) == 1
    assert await mine.found("modem") == []
    assert await mine.counted() == (0, 0)
    wide = np.ones(16, np.float32) / 4
    await theirs.add("b", "gateway", vectors=[wide])
    assert await mine.found(vector=wide, alpha=1.0) == ["b"]
    await other.close()


async def test_only_what_was_replaced_leaves(weaviate: Weaviate, index: WeaviateIndex):
    """Many times, for it takes an unlucky moment to mistake the new for the old."""
    names = [f"d{number}" for number in range(30)]
    for text in ("router", "modem"):
        other = WeaviateIndex(weaviate.index)
        for name in names:
            await Shelf(other).add(name, text, version=1 + (text == "modem"))
        await other.close()  # what was replaced leaves now
    assert sorted(await Shelf(index).found("modem", limit=100)) == sorted(names)
    assert await Shelf(index).found("router", limit=100) == []


async def test_more_than_weaviate_deletes_at_once(index: WeaviateIndex):
    await Shelf(index).add("a", *["router"] * 10_050)
    await Shelf(index).add("b", "router")
    assert await index.delete(TENANT, ["a"]) == 1
    assert await Shelf(index).counted() == (1, 1)
    assert [hit.document.id for hit in await Shelf(index).hits("router", limit=1000)] == ["b"]


async def test_an_older_schema_is_brought_up_to_date(weaviate: Weaviate):
    async with connected(weaviate.root) as client:
        now = structs.replace(schema.shapes(3)[2], name="RingfenceMigrated")
        await client.collections.delete(now.name)
        await schema.ensure(client, structs.replace(now, properties=now.properties[:3]))
        await client.collections.get(now.name).config.update(description="of long ago; schema 0")
        await schema.ensure(client, now)
        there = await client.collections.get(now.name).config.get(simple=True)
        assert {each.name for each in there.properties} == {each.name for each in now.properties}
        assert there.description == now.description
        await client.collections.get(now.name).config.update(description="of times to come; schema 99")
        with pytest.raises(SchemaMismatch, match="schema 99"):
            await schema.ensure(client, now)
        await client.collections.delete(now.name)


async def test_a_backup_comes_back(weaviate: Weaviate, index: WeaviateIndex):
    await Shelf(index).add("a", "router", vectors=[direction(1)])
    await access.back_up(weaviate.root, "one")
    async with connected(weaviate.root) as client:
        await client.collections.delete_all()
    await access.restore(weaviate.root, "one")
    again = WeaviateIndex(weaviate.index)
    assert await Shelf(again).found("router", vector=direction(1)) == ["a"]
    await again.close()


async def test_one_that_is_not_there_is_told():
    index = WeaviateIndex(WeaviateSettings(url="http://127.0.0.1:9", grpc="127.0.0.1:10", key="any"))
    with pytest.raises(Unavailable, match="ringfence weaviate status"):
        await index.tenants()
    await index.close()
