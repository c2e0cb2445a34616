"""Knowledge as the settings want it, for commands and jobs: the library, and what fills it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from api.weaviate import open_index
from appliance.db import Database
from appliance.keyring import open_keyring
from appliance.settings import Settings
from inference.minilm import NAME, MiniLM
from ingest.catalogue import Collection
from ingest.embedded import EmbeddedIndex
from ingest.library import Library
from ingest.pipeline import Parts, Pipeline, Tell
from ingest.readers.room import ReadingRoom
from ingest.scrubbing import Scrubber
from models.spec import find

PATIENT_SECONDS = 10.0


@asynccontextmanager
async def opened_library(settings: Settings, database: Database) -> AsyncIterator[Library]:
    folder = settings.knowledge.folder or settings.paths.var / "knowledge"
    index = open_index(settings) if settings.knowledge.index == "weaviate" else EmbeddedIndex(folder / "index")
    try:
        yield Library(database, index, folder)
    finally:
        await index.close()


@asynccontextmanager
async def opened_embedder(settings: Settings) -> AsyncIterator[MiniLM]:
    threads = settings.knowledge.threads or len(os.sched_getaffinity(0))
    embedder = MiniLM(find(NAME).path(settings.paths.var), threads)
    try:
        yield embedder
    finally:
        embedder.close()


@asynccontextmanager
async def opened_pipeline(
    settings: Settings, library: Library, collection: Collection, tell: Tell
) -> AsyncIterator[Pipeline]:
    room = ReadingRoom(settings.knowledge.reading)
    try:
        async with opened_embedder(settings) as embedder, opened_scrubber(settings, collection) as scrubber:
            parts = Parts(
                files=library.files,
                index=library.index,
                embedder=embedder,
                room=room,
                scrubber=scrubber,
                limit=settings.knowledge.reading.file_limit,
                readers=settings.knowledge.reading.processes,
            )
            yield Pipeline(parts, collection, tell)
    finally:
        await room.close()


@asynccontextmanager
async def opened_scrubber(settings: Settings, collection: Collection) -> AsyncIterator[Scrubber | None]:
    """None: the collection keeps its documents as they are."""
    if collection.privacy == "raw":
        yield None
        return
    # Hundreds of patterns take half a second to import, and most collections need none.
    from api.private import open_privacy

    # Nobody waits for an answer here.
    seconds = max(settings.privacy.deadline_seconds, PATIENT_SECONDS)
    patient = msgspec.structs.replace(settings.privacy, deadline_seconds=seconds)
    privacy = open_privacy(msgspec.structs.replace(settings, privacy=patient), open_keyring(settings).privacy)
    await privacy.start()
    try:
        yield Scrubber(privacy, collection.tenant)
    finally:
        await privacy.close()
