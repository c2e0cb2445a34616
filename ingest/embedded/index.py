"""The index in this process's files. See docs/knowledge for what lies where and what that costs."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar
from urllib.parse import quote, unquote

from appliance.errors import InvalidRequest
from ingest.embedded.reading import Question, Reading
from ingest.embedded.tables import FILE, translated
from ingest.embedded.writing import Writing
from ingest.fusion import Fusion, relative
from ingest.index import Count, Filter, Hit, Query, Stored, Vector, Vectors
from ingest.passage import Document, Passage
from ingest.words import Words

Result = TypeVar("Result")

READING_THREADS = 2
LONGEST_NAME = 200
MOST_OPEN = 32
"""Tenants whose files a process keeps open."""


class EmbeddedIndex:
    """For any number of processes on one machine's disk: all may read, and writers wait for each other."""

    def __init__(self, folder: Path, fusion: Fusion = relative) -> None:
        self._folder = folder
        self._fusion = fusion
        self._words = Words()
        self._lock = Lock()
        self._open: OrderedDict[str, Reading] = OrderedDict()
        self._readers = ThreadPoolExecutor(READING_THREADS, "index-read")
        self._writer = ThreadPoolExecutor(1, "index-write")

    async def put(self, tenant: str, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        await self.put_all(tenant, [Stored(document, tuple(passages), vectors)])

    async def put_all(self, tenant: str, batch: Sequence[Stored]) -> None:
        if batch:
            await self._write(tenant, lambda writing: writing.put(batch))

    async def describe(self, tenant: str, document: Document) -> bool:
        return await self._write(tenant, lambda writing: writing.describe(document))

    async def delete(self, tenant: str, documents: Collection[str]) -> int:
        return await self._write(tenant, lambda writing: writing.delete(documents))

    async def drop(self, tenant: str, collection: str = "") -> int:
        return await self._write(tenant, lambda writing: writing.drop(collection))

    async def search(self, tenant: str, query: Query) -> list[Hit]:
        return await self._read(tenant, lambda snapshot: snapshot.search(query)) or []

    async def count(self, tenant: str, readers: frozenset[str], among: Filter | None = None) -> Count:
        counted = await self._read(tenant, lambda snapshot: snapshot.count(readers, among or Filter()))
        return counted or Count(0, 0)

    async def vectors(self, tenant: str, document: str) -> Mapping[str, Vector]:
        return await self._read(tenant, lambda snapshot: snapshot.vectors(document)) or {}

    async def scan(self, tenant: str, after: str = "") -> AsyncIterator[Stored]:
        while stored := await self._read(tenant, lambda snapshot, after=after: snapshot.after(after)):  # type: ignore[misc]
            yield stored
            after = stored.document.id

    async def tenants(self) -> list[str]:
        return await self._in(self._readers, self._tenants)

    async def close(self) -> None:
        """After what has begun has ended."""
        for executor in (self._readers, self._writer):
            await asyncio.to_thread(executor.shutdown)
        for reading in self._open.values():
            reading.close()

    async def _read(self, tenant: str, question: Question[Result]) -> Result | None:
        return await self._in(self._readers, lambda: self._reading(tenant).ask(question))

    async def _write(self, tenant: str, change: Callable[[Writing], Result]) -> Result:
        return await self._in(self._writer, lambda: change(self._writing(tenant)))

    async def _in(self, executor: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        def translating() -> Result:
            with translated(self._folder):
                return work()

        return await asyncio.get_running_loop().run_in_executor(executor, translating)

    def _tenants(self) -> list[str]:
        return sorted(
            unquote(file.parent.name) for file in self._folder.glob(f"*/{FILE}") if "." not in file.parent.name
        )

    def _reading(self, tenant: str) -> Reading:
        with self._lock:
            if tenant not in self._open:
                self._open[tenant] = Reading(self._place(tenant), self._lock_file(tenant), self._fusion)
            self._open.move_to_end(tenant)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)[1].close()
            return self._open[tenant]

    def _writing(self, tenant: str) -> Writing:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Writing(self._place(tenant), self._lock_file(tenant), self._words)

    def _lock_file(self, tenant: str) -> Path:
        place = self._place(tenant)
        return place.with_name(f"{place.name}.lock")

    def _place(self, tenant: str) -> Path:
        """A name of its own for each tenant, that leads nowhere else; what has a dot is not a tenant's."""
        name = quote(tenant, safe="").replace(".", "%2E")
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidRequest(f"The name of a tenant is empty or too long: {tenant[:40]!r}. Choose another.")
        return self._folder / name
