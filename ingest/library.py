"""The documents of tenants: what the catalogue names, the index holds, and their files say, kept in step."""

from collections.abc import Callable
from pathlib import Path

from appliance.db import Database
from ingest.catalogue import Collection, Collections, Files, HeldFile
from ingest.folder import SOURCE, Walk
from ingest.index import Index
from ingest.pipeline import Outcome, Pipeline, Tell
from ingest.turn import turn

REMOVED_AT_ONCE = 500


class Library:
    """`folder` holds what says whose turn it is."""

    def __init__(self, database: Database, index: Index, folder: Path) -> None:
        self.collections = Collections(database)
        self.files = Files(database)
        self.index = index
        self._folder = folder

    async def take_in(
        self, pipeline: Pipeline, walk: Walk, begin: Callable[[int], None], *, again: bool = False
    ) -> None:
        """What lies at these paths, and out with what lay there and does not any more."""
        collection, found = pipeline.collection, list(walk.files())
        with turn(self._folder, collection.tenant):
            held = await self.files.held(collection.id, SOURCE)
            gone = walk.gone(held, {each.name for each in found})
            begin(len(found) + len(gone))
            seen = await pipeline.run(found, held, again=again)
            gone += [each.name for each in found if each.name not in seen and each.name in held]
            await self._remove(collection.tenant, [held[name] for name in gone], pipeline.tell)

    async def take_out(self, collection: Collection, walk: Walk, tell: Tell) -> None:
        """What came from these paths, whether it is still there or not."""
        with turn(self._folder, collection.tenant):
            held = await self.files.held(collection.id, SOURCE)
            await self._remove(collection.tenant, [held[name] for name in walk.below(held)], tell)

    async def drop(self, collection: Collection) -> None:
        """The whole collection."""
        with turn(self._folder, collection.tenant):
            await self.index.drop(collection.tenant, collection.id)
            await self.collections.remove(collection)

    async def _remove(self, tenant: str, files: list[HeldFile], tell: Tell) -> None:
        for at in range(0, len(files), REMOVED_AT_ONCE):
            some = files[at : at + REMOVED_AT_ONCE]
            ids = [each.id for each in some]
            await self.index.delete(tenant, await self.files.documents(ids))
            await self.files.remove(ids)
            for each in some:
                tell(Outcome(path=each.path, state="removed"))
