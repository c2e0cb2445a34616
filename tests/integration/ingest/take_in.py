"""A taking in of a folder, to be killed: says of each file when it is done, and not before."""

import asyncio
import sys
from pathlib import Path

from appliance.db import Database
from appliance.settings.knowledge import Reading
from inference.minilm import MiniLM
from ingest.embedded import EmbeddedIndex
from ingest.folder import Walk
from ingest.library import Library
from ingest.pipeline import Outcome, Parts, Pipeline
from ingest.readers.room import ReadingRoom


def tell(outcome: Outcome) -> None:
    print(f"{Path(outcome.path).name} {outcome.state}", flush=True)


def begin(_: int) -> None:
    print("begun -", flush=True)


async def main(url: str, weights: Path, place: Path) -> None:
    index, reading = EmbeddedIndex(place / "knowledge" / "index"), Reading()
    library = Library(Database(url), index, place / "knowledge")
    parts = Parts(
        files=library.files, index=index, embedder=MiniLM(weights), room=ReadingRoom(reading), scrubber=None,
        limit=reading.file_limit, readers=reading.processes,
    )  # fmt: skip
    collection = await library.collections.find("north", "handbook")
    await library.take_in(Pipeline(parts, collection, tell), Walk([place / "files"]), begin)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
