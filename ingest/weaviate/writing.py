"""Changes, each seen at once: the new passages are put first, and nobody sees them; then the document's row is
replaced, which is one object; the old passages leave after the searches that still need them have ended.

One writer at a time for each document, as the jobs of ingest have it: Weaviate cannot compare and swap.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from weaviate import WeaviateAsyncClient
from weaviate.classes.data import DataObject

from appliance.errors import RingfenceError, Unavailable
from ingest.index import Stored
from ingest.passage import Document
from ingest.weaviate import shelves
from ingest.weaviate.connection import translated
from ingest.weaviate.filters import any_of, older
from ingest.weaviate.keywords import found_by
from ingest.weaviate.rooms import Rooms
from ingest.weaviate.rows import Entry, Properties, Room, Row, entry_ids, entry_properties, row_id, row_properties
from ingest.words import Words

logger = logging.getLogger(__name__)

LINGER = 5.0
"""Seconds that replaced passages stay for searches that began before; nobody else sees them."""
ATTEMPTS = 5


class Writing:
    def __init__(self, client: WeaviateAsyncClient, rooms: Rooms, url: str) -> None:
        self._client, self._rooms, self._url = client, rooms, url
        self._words = Words()
        self._thread = ThreadPoolExecutor(1, "index-words")
        self._leaving: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    async def put(self, tenant: str, batch: Sequence[Stored]) -> None:
        room = await self._rooms.make(tenant, _width(batch))
        there = await shelves.rows_of(shelves.documents(self._client, room), {each.document.id for each in batch})
        newest: dict[str, Stored] = {}
        versions = {name: row.document.version for name, row in there.items()}
        for each in batch:
            name = each.document.id
            if each.document.version >= versions.get(name, each.document.version):
                newest[name] = each
                versions[name] = each.document.version
        await self._replace(room, list(newest.values()), {name: there[name] for name in newest.keys() & there.keys()})

    async def describe(self, tenant: str, document: Document) -> bool:
        """The passages are put again, for what they are filtered by stands in each of them."""
        room = await self._rooms.find(tenant)
        if room is None:
            return False
        for _ in range(ATTEMPTS):
            there = await shelves.rows_of(shelves.documents(self._client, room), [document.id])
            if not there:
                return False
            old = await shelves.stored(self._passages(room), there[document.id]) if room.width else None
            if old is not None or not there[document.id].passages:
                passages, vectors = (old.passages, old.vectors) if old else ((), np.zeros((0, 0), np.float32))
                await self._replace(room, [Stored(document, passages, vectors)], there)
                return True
        raise Unavailable(f"The document {document.id} changes all the time. Try again.")

    async def delete(self, tenant: str, names: Collection[str]) -> int:
        room = await self._rooms.find(tenant)
        if room is None or not names:
            return 0
        gone = await shelves.delete_ids(shelves.documents(self._client, room), [row_id(name) for name in set(names)])
        if room.width:
            for some in shelves.chunks(set(names)):
                await shelves.delete(self._passages(room), any_of("document", some))
        return gone

    async def drop(self, tenant: str, collection: str) -> int:
        room = await self._rooms.look(tenant)
        if room is None:
            await self._rooms.leave(tenant)
            return 0
        documents = shelves.documents(self._client, room)
        if not collection:
            counted = await shelves.count(documents)
            await self._rooms.leave(tenant)
            return counted.documents
        condition = any_of("collection", [collection])
        gone = await shelves.delete(documents, condition)
        if room.width:
            await shelves.delete(self._passages(room), condition)
        return gone

    async def close(self) -> None:
        self._closing.set()
        await asyncio.gather(*self._leaving)
        self._thread.shutdown()

    async def _replace(self, room: Room, batch: Sequence[Stored], there: Mapping[str, Row]) -> None:
        if not batch:
            return
        # In microseconds: Weaviate compares numbers as floats, which are exact up to 2^53.
        generation = max([time.time_ns() // 1000, *(row.generation + 1 for row in there.values())])
        rows = [Row(each.document, generation, 0, len(each.passages)) for each in batch]
        objects = await asyncio.get_running_loop().run_in_executor(self._thread, self._objects, batch, rows)
        if objects:
            await shelves.upsert(self._passages(room), objects)
        now = time.time_ns()
        committed = [Row(row.document, generation, now, row.passages) for row in rows]
        await shelves.upsert(
            shelves.documents(self._client, room),
            [DataObject(properties=row_properties(row), uuid=row_id(row.document.id)) for row in committed],
        )
        if room.width and there:
            task = asyncio.create_task(self._clear(room, list(there), generation))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def _objects(self, batch: Sequence[Stored], rows: Sequence[Row]) -> list[DataObject[Properties, None]]:
        made: list[DataObject[Properties, None]] = []
        for stored, row in zip(batch, rows, strict=True):
            for passage, vector, uuid in zip(stored.passages, stored.vectors, entry_ids(row), strict=True):
                words, beginnings = found_by(self._words, passage, stored.document.language)
                properties = entry_properties(Entry(passage, row.generation), stored.document)
                properties |= {"words": words, "beginnings": beginnings}
                made.append(DataObject(properties=properties, uuid=uuid, vector=vector.tolist()))
        return made

    async def _clear(self, room: Room, names: Collection[str], generation: int) -> None:
        """What is left after a failure is seen by nobody, and goes with the next change of the document."""
        try:
            async with asyncio.timeout(LINGER):
                await self._closing.wait()
        except TimeoutError:
            pass
        try:
            with translated(self._url):
                if not await self._rooms.has(room):
                    return  # dropped, with all that it had
                for some in shelves.chunks(names):
                    await shelves.delete(self._passages(room), older(some, generation))
        except RingfenceError as error:
            logger.warning("replaced passages stay until the next change: %s", error.message)

    def _passages(self, room: Room) -> shelves.Shelf:
        return shelves.passages(self._client, room)


def _width(batch: Sequence[Stored]) -> int:
    """Of the first that has any: those of a document without passages say nothing."""
    widths = [each.vectors.shape[1] for each in batch if len(each.vectors)]
    return int(widths[0]) if widths else 0
