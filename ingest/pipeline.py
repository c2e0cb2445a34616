"""From files to what can be found: read, split, scrub, embed, put. What did not change costs only its digest."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from appliance.errors import RingfenceError
from ingest.batch import Batch, Failure, Piece, Work
from ingest.catalogue import Collection, Files, HeldFile, Row, file_id
from ingest.chunks import split
from ingest.content import Content, Unread
from ingest.embed import Embedder
from ingest.folder import SOURCE, Found, load
from ingest.index import Index
from ingest.passage import Document
from ingest.readers.room import ReadingRoom
from ingest.scrubbing import Scrubber

PUT_AT = 256
"""Passages that are put at once, from several files or a part of one."""
LOAD_FAULTS = ("too_slow", "out_of_memory", "crashed")
"""What may go better another time, without a change of the file."""


class Outcome(Struct, frozen=True, kw_only=True):
    path: str
    state: Literal["new", "changed", "unchanged", "failed", "removed"]
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    """Passages for which there was no vector yet."""
    code: str = ""
    reason: str = ""
    faults: tuple[Unread, ...] = ()
    """Of documents within it that could not be read."""


Tell = Callable[[Outcome], None]


class Parts(Struct, frozen=True):
    files: Files
    index: Index
    embedder: Embedder
    room: ReadingRoom
    scrubber: Scrubber | None
    """Of a collection that may hold nothing personal."""
    limit: int
    """Bytes of a file."""
    readers: int
    """Files at once."""


class _Read(Struct, frozen=True, kw_only=True):
    data: bytes = b""
    digest: bytes = b""
    modified: datetime | None = None
    failure: Failure | None = None


class Pipeline:
    def __init__(self, parts: Parts, collection: Collection, tell: Tell) -> None:
        self._parts = parts
        self.collection = collection
        self.tell = tell

    async def run(self, files: Iterable[Found], held: dict[str, HeldFile], *, again: bool = False) -> set[str]:
        """`held` is what there is of them; `again` reads also what did not change. Returns the names of those there."""
        left = iter(files)
        seen = set[str]()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._parts.readers):
                    group.create_task(self._worker(left, held, seen, again=again))
        except BaseExceptionGroup as error:
            raise error.exceptions[0] from None
        return seen

    async def _worker(self, left: Iterator[Found], held: dict[str, HeldFile], seen: set[str], *, again: bool) -> None:
        parts = self._parts
        batch = Batch(self.collection.tenant, parts.files, parts.index, parts.embedder)
        for found in left:
            before = held.get(found.name)
            try:
                read = await asyncio.to_thread(_read, found, parts.limit)
            except FileNotFoundError:  # gone since it was listed
                continue
            except OSError as error:
                read = _Read(failure=Failure("cannot_open", f"{error.strerror}. Let Ringfence read the file."))
            seen.add(found.name)
            if before and before.digest == read.digest and before.embedder == parts.embedder.name and not again:
                self.tell(_unchanged(before))
                continue
            work = self._work(found, before, read)
            if await self._filled(work, read, batch):
                batch.end(work)
            if batch.size >= PUT_AT:
                await self._put(batch)
        await self._put(batch)

    async def _filled(self, work: Work, read: _Read, batch: Batch) -> bool:
        """Adds what is in the file. False: it was given up with the batch, because that could not be put."""
        if work.failure:
            return True
        try:
            async with aclosing(self._parts.room.read(work.held.path, read.data)) as pieces:
                async for each in pieces:
                    if isinstance(each, Unread) and each.path == work.held.path:
                        work.failure = Failure(each.code, _plain(each.reason), each.code in LOAD_FAULTS)
                        continue
                    batch.add(await self._piece(work, each, read.modified))
                    if batch.size >= PUT_AT and not await self._put(batch):
                        return False
        except RingfenceError as error:
            work.failure = Failure(error.code, error.message)
        except Exception as error:
            # One file stops none of the others. What the error says may quote it.
            work.failure = Failure(RingfenceError.code, _broken(error))
        return True

    async def _piece(self, work: Work, found: Content | Unread, modified: datetime | None) -> Piece:
        row = Row(
            id=work.name(found.path), file_id=work.held.id, path=_plain(found.path), version=work.held.version
        )  # fmt: skip
        if isinstance(found, Unread):
            work.faults.append(found)
            return Piece(work, replace(row, code=found.code, reason=_plain(found.reason)))
        content = replace(found, title=_plain(found.title or PurePath(found.path).stem))
        if self._parts.scrubber:
            content = await self._parts.scrubber.document(content)
        passages = tuple(await asyncio.to_thread(split, row.id, content, self._parts.embedder))
        work.documents += 1
        work.passages += len(passages)
        document = Document(
            id=row.id,
            collection=self.collection.id,
            version=row.version,
            title=content.title,
            source=SOURCE,
            language=content.language or self.collection.language,
            modified=modified,
            access=self.collection.access,
        )
        notes = tuple(map(_plain, found.notes))
        return Piece(work, replace(row, passages=len(passages), notes=notes), document, passages)

    async def _put(self, batch: Batch) -> bool:
        try:
            ended, is_put = await batch.put(), True
        except RingfenceError as error:
            ended, is_put = await batch.give_up(error), False
        for each in ended:
            self.tell(_outcome(each))
        return is_put

    def _work(self, found: Found, before: HeldFile | None, read: _Read) -> Work:
        held = HeldFile(
            id=file_id(self.collection.id, SOURCE, found.name),
            collection=self.collection.id,
            source=SOURCE,
            path=found.name,
            version=before.version + 1 if before else 1,
            digest=read.digest,
            embedder=self._parts.embedder.name,
            state="done",
        )
        return Work(held, before, read.failure)


def _read(found: Found, limit: int) -> _Read:
    data, modified = load(found.file, limit)
    return _Read(data=data, digest=sha256(data).digest(), modified=modified)


def _unchanged(held: HeldFile) -> Outcome:
    state: Literal["failed", "unchanged"] = "failed" if held.state == "failed" else "unchanged"
    return Outcome(path=held.path, state=state, code=held.code, reason=held.reason)


def _outcome(work: Work) -> Outcome:
    failure = work.failure or Failure("", "")
    return Outcome(
        path=work.held.path,
        state="failed" if work.failure else "new" if work.is_first else "changed",
        documents=work.documents,
        passages=work.passages,
        embedded=work.embedded,
        code=failure.code,
        reason=failure.reason,
        faults=tuple(work.faults),
    )


def _broken(error: Exception) -> str:
    return f"Taking it in broke ({type(error).__name__}). Report it with the file, or leave it out."


def _plain(text: str) -> str:
    """Without what PostgreSQL does not take in a text."""
    return text.replace("\0", "")
