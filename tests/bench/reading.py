"""Measure the readers on 1,000 documents of the demo in mixed formats: `python -m tests.bench.reading`.

The documents are made first, the same ones each time, and are no part of what is measured. They go as bytes to a
`ReadingRoom` of two processes, as the pipeline gives them, and come back as blocks; nothing is cut, embedded or kept.
A page is one of a PDF; of the other formats each 3,000 characters begun.
"""

import argparse
import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import cycle
from math import ceil
from pathlib import PurePosixPath
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter

from appliance.settings.knowledge import Reading
from ingest.content import Block, Content, Unread
from ingest.demo import documents
from ingest.readers.room import ReadingRoom
from tests.documents.rendering import SHARES

SEED = 2031
LONGEST = 12
"""Documents of the demo that one of these holds, so that a PDF has several pages."""
CHARACTERS = 3_000
IN_PAGES = (".pdf",)


def collection(count: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(SEED)
    by_language: dict[str, list[Content]] = defaultdict(list)
    for each in documents():
        by_language[each.document.language].append(each.content)
    formats = [(suffix, render) for suffix, render, share in SHARES for _ in range(share)]
    chance.shuffle(formats)
    for number, (suffix, render) in zip(range(count), cycle(formats), strict=False):
        chosen = chance.choices(by_language[chance.choice(sorted(by_language))], k=chance.randint(1, LONGEST))
        blocks: list[Block] = [block for each in chosen for block in each.blocks]
        yield f"{number:04}{suffix}", render(chosen[0].title or chosen[0].path, blocks)


def pages(content: Content) -> int:
    if PurePosixPath(content.path).suffix in IN_PAGES:
        return max(each.spot.page for each in content.blocks)
    return ceil(len(content.text) / CHARACTERS)


async def read(files: list[tuple[str, bytes]], processes: int) -> tuple[list[Content], float]:
    """What was read, and the seconds it took when the processes were warm."""
    room = ReadingRoom(Reading(processes=processes))
    for name, data in files[:20]:
        assert [each async for each in room.read(name, data)]
    found: list[Content] = []
    waiting = iter(files)

    async def worker() -> None:
        for name, data in waiting:
            async for each in room.read(name, data):
                if isinstance(each, Unread):
                    raise SystemExit(f"{each.path} was not read: {each.reason}")
                found.append(each)

    begun = perf_counter()
    await asyncio.gather(*(worker() for _ in range(processes)))
    taken = perf_counter() - begun
    await room.close()
    return found, taken


def table(files: list[tuple[str, bytes]], processes: int) -> Iterator[str]:
    yield "| Format | Documents | Pages | pages/s | pages per second of a core |"
    yield "|---|---|---|---|---|"
    count: Counter[str] = Counter(PurePosixPath(name).suffix for name, _ in files)
    for suffix in (*count, ""):
        some = [each for each in files if each[0].endswith(suffix)]
        before = spent()
        found, taken = asyncio.run(read(some, processes))
        of_a_core = spent() - before
        total = sum(pages(each) for each in found)
        name, rates = suffix.strip(".").upper() or "**all**", f"{total / taken:,.0f} | {total / of_a_core:,.0f}"
        yield f"| {name} | {len(some)} | {total} | {rates} |"


def spent() -> float:
    """Of the processor, by the processes that read; their start and 20 files to warm them are in it."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    files = list(collection(options.documents))
    print(f"{len(files)} documents, {sum(len(data) for _, data in files) / 1e6:.1f} MB")
    for line in table(files, options.processes):
        print(line, flush=True)


if __name__ == "__main__":
    main()
