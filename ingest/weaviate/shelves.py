"""What every reader and writer does with the objects of one tenant: fetched by id, upserted, deleted, counted."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from weaviate import WeaviateAsyncClient
from weaviate.classes.aggregate import Metrics
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter as Where
from weaviate.collections import CollectionAsync
from weaviate.outputs.query import FilterReturn

from appliance.errors import Unavailable
from ingest.index import Count, Stored
from ingest.weaviate.rows import Room, Row, entry_ids, entry_of, row_id, row_of
from ingest.weaviate.schema import DOCUMENTS, passages_of

Shelf: TypeAlias = CollectionAsync[Any, Any]

AT_ONCE = 500
"""Objects in one call."""
MOST_DELETED = 10_000
"""Weaviate deletes so many in one call and leaves the rest."""


def documents(client: WeaviateAsyncClient, room: Room) -> Shelf:
    return client.collections.get(DOCUMENTS).with_tenant(room.shard)


def passages(client: WeaviateAsyncClient, room: Room) -> Shelf:
    return client.collections.get(passages_of(room.width)).with_tenant(room.shard)


async def rows_of(shelf: Shelf, names: Iterable[str]) -> dict[str, Row]:
    rows = [row_of(body) for body in await bodies(shelf, [row_id(name) for name in names])]
    return {row.document.id: row for row in rows}


async def bodies(shelf: Shelf, ids: Sequence[UUID]) -> list[str]:
    found: list[str] = []
    for some in chunks(ids):
        answer = await shelf.query.fetch_objects(
            filters=Where.by_id().contains_any(some), limit=len(some), return_properties=["body"]
        )
        found += [str(each.properties["body"]) for each in answer.objects]
    return found


async def stored(shelf: Shelf, row: Row) -> Stored | None:
    """The document with its passages and vectors; none when it was replaced meanwhile."""
    found = {}
    ids = entry_ids(row)
    for some in chunks(ids):
        answer = await shelf.query.fetch_objects_by_ids(
            some, limit=len(some), return_properties=["body"], include_vector=True
        )
        found.update({each.uuid: each for each in answer.objects})
    if len(found) < len(ids):
        return None
    ordered = [found[each] for each in ids]
    vectors = np.array([each.vector["default"] for each in ordered], np.float32)
    own = tuple(entry_of(str(each.properties["body"])).passage for each in ordered)
    return Stored(row.document, own, vectors if ordered else np.zeros((0, 0), np.float32))


async def upsert(shelf: Shelf, objects: Sequence[DataObject[Any, Any]]) -> None:
    """All of them, or an error: a batch answers well even when some of its objects were refused."""
    for some in chunks(objects):
        answer = await shelf.data.insert_many(some)
        if answer.has_errors:
            first = next(iter(answer.errors.values())).message
            raise Unavailable(
                f"Weaviate refused {len(answer.errors)} of {len(some)} objects: {first[:200]}. "
                "Mend that, then try again."
            )


async def delete(shelf: Shelf, condition: FilterReturn) -> int:
    """All of them, however many."""
    gone = 0
    while True:
        answer = await shelf.data.delete_many(where=condition)
        gone += answer.successful
        if answer.failed:
            raise Unavailable(f"Weaviate could not delete {answer.failed} objects. Try again.")
        if answer.matches < MOST_DELETED:
            return gone


async def delete_ids(shelf: Shelf, ids: Sequence[UUID]) -> int:
    return sum([await delete(shelf, Where.by_id().contains_any(some)) for some in chunks(ids)])


async def count(shelf: Shelf, condition: FilterReturn | None = None) -> Count:
    answer = await shelf.aggregate.over_all(
        filters=condition, total_count=True, return_metrics=[Metrics("passages").integer(sum_=True)]
    )
    passages_there = getattr(answer.properties.get("passages"), "sum_", None)
    return Count(answer.total_count or 0, int(passages_there or 0))


async def names(shelf: Shelf) -> AsyncIterator[str]:
    async for each in shelf.iterator(return_properties=["document"], cache_size=1000):
        yield str(each.properties["document"])


def chunks(of: Collection[Any]) -> Iterable[list[Any]]:
    everything = list(of)
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]
