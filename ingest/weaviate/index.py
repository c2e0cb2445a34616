"""The index on Weaviate. See docs/knowledge/weaviate.md for what lies where and how a change is seen at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import numpy as np
from weaviate.exceptions import WeaviateBaseError

from appliance.errors import InvalidRequest, Unavailable
from appliance.settings.knowledge import WeaviateSettings
from ingest import ranking
from ingest.index import Count, Filter, Hit, Query, Stored, Vector, Vectors
from ingest.passage import Document, Passage
from ingest.weaviate import searching, shelves
from ingest.weaviate.connection import client_of, connect, translated
from ingest.weaviate.filters import seen_by
from ingest.weaviate.keywords import asked_for
from ingest.weaviate.rooms import Rooms
from ingest.weaviate.rows import Room, Row
from ingest.weaviate.writing import Writing
from ingest.words import Words

Answer = TypeVar("Answer")

SKEW = 10_000_000_000
"""Nanoseconds by which the clocks of two writers may differ."""
ATTEMPTS = 12


class WeaviateIndex:
    """Connects at the first question, and stays connected."""

    def __init__(self, settings: WeaviateSettings) -> None:
        self._url = settings.url
        self._client = client_of(settings)
        self._rooms = Rooms(self._client)
        self._writing = Writing(self._client, self._rooms, self._url)
        self._words = Words()
        self._connecting = asyncio.Lock()
        self._locks: dict[str, asyncio.Lock] = {}

    async def put(self, tenant: str, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        await self.put_all(tenant, [Stored(document, tuple(passages), vectors)])

    async def put_all(self, tenant: str, batch: Sequence[Stored]) -> None:
        """Each document in one step, one after the other."""
        if batch:
            async with self._changing(tenant):
                await self._writing.put(tenant, batch)

    async def describe(self, tenant: str, document: Document) -> bool:
        async with self._changing(tenant):
            return await self._writing.describe(tenant, document)

    async def delete(self, tenant: str, documents: Collection[str]) -> int:
        async with self._changing(tenant):
            return await self._writing.delete(tenant, documents)

    async def drop(self, tenant: str, collection: str = "") -> int:
        async with self._changing(tenant):
            return await self._writing.drop(tenant, collection)

    async def search(self, tenant: str, query: Query) -> list[Hit]:
        if not query.readers or not ranking.hits_of(query):
            return []
        words = asked_for(self._words.asked(query.text)) if ranking.uses_keywords(query) else ""
        return await self._read(tenant, lambda room: self._search(room, query, words), [])

    async def count(self, tenant: str, readers: frozenset[str], among: Filter | None = None) -> Count:
        none = Count(0, 0)
        if not readers:
            return none
        seen = seen_by(readers, among or Filter())
        return await self._read(tenant, lambda room: shelves.count(shelves.documents(self._client, room), seen), none)

    async def vectors(self, tenant: str, document: str) -> Mapping[str, Vector]:
        stored = await self._read(tenant, lambda room: self._stored(room, document), None)
        if stored is None:
            return {}
        return dict(zip([each.digest for each in stored.passages], stored.vectors, strict=True))

    async def scan(self, tenant: str, after: str = "") -> AsyncIterator[Stored]:
        """As many names at once as there are documents: Weaviate sorts slower than we do."""
        nothing: list[str] = []
        for name in sorted(await self._read(tenant, lambda room: self._names(room, after), nothing)):
            stored = await self._read(tenant, lambda room, name=name: self._stored(room, name), None)  # type: ignore[misc]
            if stored is not None:
                yield stored

    async def tenants(self) -> list[str]:
        with translated(self._url):
            await self._connected()
            return await self._rooms.tenants()

    async def rest(self, tenant: str) -> None:
        """A tenant that is seldom asked leaves memory; Weaviate wakes it at its next question."""
        async with self._changing(tenant):
            await self._rooms.rest(tenant)

    async def close(self) -> None:
        await self._writing.close()
        await self._client.close()

    async def _search(self, room: Room, query: Query, words: str) -> list[Hit]:
        """Asked again when a document that was found has just changed, or too many that are found were replaced."""
        if query.vector is not None and ranking.uses_vector(query) and room.width not in (0, len(query.vector)):
            raise InvalidRequest(
                f"The question's vector has {len(query.vector)} dimensions and those of the index {room.width}. "
                "Ask with the model that made them, or ingest the documents again."
            )
        if not room.width:
            return []
        passages, documents = shelves.passages(self._client, room), shelves.documents(self._client, room)
        limit, wanted = searching.first_limit(query, words), ranking.hits_of(query)
        known: dict[str, Row] = {}
        for _ in range(ATTEMPTS):
            began = time.time_ns()
            found = await searching.ask(passages, query, words, limit)
            if searching.is_cut_among_equals(found, wanted, limit) and limit < searching.MOST_ASKED:
                limit = searching.next_limit(limit)
                continue
            rows = await shelves.rows_of(documents, {each.entry.passage.document for each in found})
            settled = {
                name: known.get(name) or row
                for name, row in rows.items()
                if name in known or row.committed < began - SKEW
            }
            known |= rows
            if len(settled) < len(rows):
                continue  # now it is known which passages were complete before the question began
            own = searching.own(found, settled, query)
            if len(own) < wanted and len(own) < len(found) == limit < searching.MOST_ASKED:
                limit = searching.next_limit(limit)
                continue
            return searching.hits(own, settled, query)
        raise Unavailable("The documents change faster than they can be searched. Try again.")

    async def _stored(self, room: Room, name: str) -> Stored | None:
        for _ in range(ATTEMPTS):
            rows = await shelves.rows_of(shelves.documents(self._client, room), [name])
            if not rows:
                return None
            if not rows[name].passages:
                return Stored(rows[name].document, (), np.zeros((0, room.width), np.float32))
            stored = await shelves.stored(shelves.passages(self._client, room), rows[name])
            if stored is not None:
                return stored
        raise Unavailable(f"Passages of the document {name} are missing. Ingest it again.")

    async def _names(self, room: Room, after: str) -> list[str]:
        return [name async for name in shelves.names(shelves.documents(self._client, room)) if name > after]

    async def _read(self, tenant: str, question: Callable[[Room], Awaitable[Answer]], nothing: Answer) -> Answer:
        """A room that another worker has changed is looked up again."""
        with translated(self._url):
            await self._connected()
            room = await self._rooms.find(tenant)
            if room is None:
                return nothing
            try:
                return await question(room)
            except WeaviateBaseError:
                now = await self._rooms.look(tenant)
                if now == room:
                    raise
            return nothing if now is None else await question(now)

    @asynccontextmanager
    async def _changing(self, tenant: str) -> AsyncIterator[None]:
        async with self._locks.setdefault(tenant, asyncio.Lock()):
            with translated(self._url):
                await self._connected()
                yield

    async def _connected(self) -> None:
        if self._client.is_connected():
            return
        async with self._connecting:
            if not self._client.is_connected():
                await connect(self._client, self._url)
