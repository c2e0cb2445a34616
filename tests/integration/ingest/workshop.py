"""All that files go through on their way to being found, with a folder of files to send there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance import settings
from appliance.db import Database
from appliance.errors import EngineUnavailable
from appliance.privacy.privacy import Privacy
from appliance.settings.knowledge import Reading
from inference.minilm import MiniLM
from ingest.catalogue import Collection, New
from ingest.embed import Embedder
from ingest.embedded import EmbeddedIndex
from ingest.folder import Walk
from ingest.index import Filter, Query, Vector, Vectors
from ingest.library import Library
from ingest.pipeline import Outcome, Parts, Pipeline
from ingest.readers.room import ReadingRoom
from ingest.scrubbing import Scrubber
from tests.peers.cache import compiled_patterns

TENANTS = ("north", "south")
KEY = b"the privacy key, of 32 bytes...."


class Watched:
    """An embedder whose work is counted, and which may be out of order."""

    def __init__(self, real: Embedder) -> None:
        self._real = real
        self.name = real.name
        self.dimensions = real.dimensions
        self.read: list[str] = []
        self.breaks_at = ""

    @property
    def limit(self) -> int:
        return self._real.limit

    def tokens(self, text: str) -> list[int]:
        return self._real.tokens(text)

    async def passages(self, texts: Sequence[str]) -> Vectors:
        if self.breaks_at and any(self.breaks_at in text for text in texts):
            raise EngineUnavailable("No embedder runs. Start one.")
        self.read += texts
        return await self._real.passages(texts)

    async def question(self, text: str) -> Vector:
        return await self._real.question(text)


@dataclass
class Workshop:
    library: Library
    index: EmbeddedIndex
    embedder: Watched
    room: ReadingRoom
    reading: Reading
    folder: Path
    """Where the files are."""
    kept: Path
    """Where the index is."""
    begun: list[int] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(cls, database: Database, weights: Path, place: Path) -> AsyncIterator["Workshop"]:
        files, kept = place / "files", place / "knowledge"
        files.mkdir()
        reading, index, embedder = Reading(), EmbeddedIndex(kept / "index"), MiniLM(weights)
        room = ReadingRoom(reading)
        try:
            yield cls(Library(database, index, kept), index, Watched(embedder), room, reading, files, kept)
        finally:
            await room.close()
            await index.close()
            embedder.close()

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    async def collection(self, name: str = "handbook", tenant: str = "north", **fields: object) -> Collection:
        return await self.library.collections.create(tenant, New(name=name, **fields))  # type: ignore[arg-type]

    def pipeline(self, collection: Collection, outcomes: list[Outcome]) -> Pipeline:
        scrubber = Scrubber(privacy(), collection.tenant) if collection.privacy == "scrubbed" else None
        parts = Parts(
            files=self.library.files, index=self.index, embedder=self.embedder, room=self.room, scrubber=scrubber,
            limit=self.reading.file_limit, readers=self.reading.processes,
        )  # fmt: skip
        return Pipeline(parts, collection, outcomes.append)

    async def take_in(self, collection: Collection, *paths: Path, again: bool = False) -> dict[str, Outcome]:
        """The outcomes by the names of files."""
        outcomes: list[Outcome] = []
        walk = Walk(paths or [self.folder])
        await self.library.take_in(self.pipeline(collection, outcomes), walk, self.begun.append, again=again)
        named = {str(Path(each.path).relative_to(self.folder)): each for each in outcomes}
        assert len(named) == len(outcomes)  # each told once
        return named

    async def states(self, collection: Collection, *paths: Path) -> dict[str, str]:
        return {name: each.state for name, each in (await self.take_in(collection, *paths)).items()}

    async def found(self, collection: Collection, question: str, limit: int = 3) -> list[str]:
        """Texts of passages, the best first."""
        query = Query(
            text=question,
            vector=await self.embedder.question(question),
            readers=frozenset(collection.access),
            among=Filter(collections=(collection.id,)),
            limit=limit,
        )
        return [hit.passage.text for hit in await self.index.search(collection.tenant, query)]

    async def counted(self, collection: Collection) -> tuple[int, int]:
        """Documents and passages, which catalogue and index must agree on."""
        told = await self.library.collections.find(collection.tenant, collection.name)
        among = Filter(collections=(collection.id,))
        there = await self.index.count(collection.tenant, frozenset(collection.access), among)
        assert (told.documents, told.passages) == (there.documents, there.passages)
        return there.documents, there.passages


def privacy() -> Privacy:
    made = Privacy(settings.Privacy(names="off"), KEY, compiled_patterns())
    made.prepare()
    return made
