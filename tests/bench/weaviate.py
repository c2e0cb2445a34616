"""What our adapter adds to Weaviate's own client for the same hybrid query: `python -m tests.bench.weaviate`.

Both ask the same server in turn, one after the other, in one process. The client alone asks for the same passages with
the same filter; ours also reads the documents of what it found, which is what makes a change seen at once.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import uvloop
from weaviate import WeaviateAsyncClient
from weaviate.classes.query import HybridFusion, MetadataQuery

from ingest.index import Query, Vector
from ingest.weaviate import shelves
from ingest.weaviate.connection import connected
from ingest.weaviate.filters import seen_by
from ingest.weaviate.index import WeaviateIndex
from ingest.weaviate.keywords import asked_for
from ingest.weaviate.rooms import Rooms
from ingest.weaviate.searching import FIELDS
from ingest.words import Words
from tests.bench.knowledge import READERS, TENANT, documents, questions
from tests.bench.sentence_vectors import sentence_vectors
from tests.peers import weaviate
from tests.peers.cache import user_cache

GOAL = 1.5
WARM = 50
SETTLED = 11.0
"""Seconds after which a document counts as unchanged."""

Ask = Callable[[str, Vector], Awaitable[object]]


def bare(client: WeaviateAsyncClient, shelf: shelves.Shelf) -> Ask:
    words = Words()

    async def ask(text: str, vector: Vector) -> object:
        return await shelf.query.hybrid(
            asked_for(words.asked(text)),
            vector=vector.tolist(),
            alpha=0.5,
            fusion_type=HybridFusion.RELATIVE_SCORE,
            query_properties=FIELDS,
            filters=seen_by(READERS, Query(text="", readers=READERS).among),
            limit=10,
            return_properties=["body"],
            return_metadata=MetadataQuery(score=True),
        )

    return ask


def ours(index: WeaviateIndex) -> Ask:
    async def ask(text: str, vector: Vector) -> object:
        return await index.search(TENANT, Query(text=text, vector=vector, readers=READERS))

    return ask


async def compare(asks: dict[str, Ask], asked: Sequence[tuple[str, Vector]]) -> dict[str, list[float]]:
    """Milliseconds of each, interleaved."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    for number, question in enumerate(asked):
        order = list(asks.items())
        for name, ask in order if number % 2 else reversed(order):
            began = time.perf_counter()
            await ask(*question)
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: each[WARM:] for name, each in times.items()}


async def measure(server: weaviate.Weaviate, sizes: Sequence[int]) -> bool:
    real = np.load(sentence_vectors(user_cache(), say))
    index = WeaviateIndex(server.index)
    there, is_met = 0, True
    batches = documents(real, sizes[-1])
    for size in sizes:
        began = time.perf_counter()
        before = there
        while there < size:
            batch = next(batches)
            await index.put_all(TENANT, batch)
            there += sum(len(each.passages) for each in batch)
        rate = (there - before) / (time.perf_counter() - began)
        await asyncio.sleep(SETTLED)
        async with connected(server.index) as client:
            room = await Rooms(client).find(TENANT)
            assert room is not None
            asks = {"client": bare(client, shelves.passages(client, room)), "ringfence": ours(index)}
            times = await compare(asks, questions(real))
        p50 = {name: statistics.median(each) for name, each in times.items()}
        p99 = {name: float(np.percentile(each, 99)) for name, each in times.items()}
        more = p50["ringfence"] - p50["client"]
        is_met = is_met and more <= GOAL
        print(
            f"{there:>9,} passages, put {rate:,.0f}/s, {_resident(server.pid):,} MB: client p50 {p50['client']:.2f} ms "
            f"p99 {p99['client']:.1f}, ringfence p50 {p50['ringfence']:.2f} ms p99 {p99['ringfence']:.1f}, "
            f"{more:+.2f} ms (goal <= +{GOAL})",
            flush=True,
        )
    await index.close()
    return is_met


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.weaviate", description=__doc__)
    parser.add_argument("--passages", default="10000,100000", help="sizes to measure at (default: %(default)s)")
    sizes = [int(size) for size in parser.parse_args().passages.split(",")]
    with weaviate.running(weaviate.install(say), say) as server:
        return 0 if uvloop.run(measure(server, sizes)) else 1


if __name__ == "__main__":
    sys.exit(main())
