"""How fast, how exact and how big the embedded index is: `python -m tests.bench.knowledge [--passages 10000,100000]`.

Vectors are those of MiniLM for 20,000 sentences (made once, kept in the user's cache), and beyond that such vectors
moved a little; texts have those sentences and words of Zipf's law. Each figure is taken in a process of its own that
does nothing but search.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from ingest.embedded import EmbeddedIndex
from ingest.index import Filter, Query, Stored, Vector, Vectors
from ingest.passage import EVERYBODY, Document, Passage
from tests.bench.handbook import Handbook
from tests.bench.sentence_vectors import QUESTIONS, SENTENCES, sentence_vectors
from tests.peers.cache import user_cache

TENANT = "bench"
PER_DOCUMENT = 10
BATCH = 500
"""Documents put at once."""
AT_ONCE = 8
SEED = 7
READERS = frozenset({EVERYBODY})
KINDS = {
    "keywords": {"alpha": 0.0},
    "vectors": {"alpha": 1.0},
    "hybrid": {"alpha": 0.5},
    "hybrid, a tenth visible": {"alpha": 0.5, "readers": frozenset({"group:tenth"})},
    "hybrid, a hundredth": {"alpha": 0.5, "among": Filter(collections=("hundredth",))},
}


def moved(real: Vectors, start: int, count: int) -> Vectors:
    """The vectors of passages from `start` on: real ones first, then such as lie near one (cosine 0.7 to 0.95)."""
    drawn = np.random.default_rng([SEED, start])
    numbers = np.arange(start, start + count)
    vectors = real[numbers % SENTENCES].copy()
    noise = drawn.standard_normal(vectors.shape).astype(np.float32) / np.sqrt(vectors.shape[1])
    vectors += noise * (drawn.uniform(0.33, 1.0, (count, 1)).astype(np.float32) * (numbers >= SENTENCES)[:, None])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def documents(real: Vectors, passages: int) -> Iterator[list[Stored]]:
    handbook = Handbook(SEED)
    for start in range(0, passages, BATCH * PER_DOCUMENT):
        count = min(BATCH * PER_DOCUMENT, passages - start)
        vectors = moved(real, start, count)
        yield [
            written(handbook, (start + place) // PER_DOCUMENT, vectors[place : place + PER_DOCUMENT])
            for place in range(0, count, PER_DOCUMENT)
        ]


def written(handbook: Handbook, number: int, vectors: Vectors) -> Stored:
    document = Document(
        id=f"d{number:07}", collection="hundredth" if number % 100 == 0 else "handbook", version=1,
        title=f"Handbook {number}", language="en",
        access=(EVERYBODY, "group:tenth") if number % 10 == 0 else (EVERYBODY,),
    )  # fmt: skip
    passages = tuple(
        Passage(
            id=f"{document.id}:{place:02}",
            document=document.id,
            number=place,
            text=handbook.passage(),
            title=document.title,
            start=place,
            end=place + 1,
            digest=f"{number}:{place}",
        )
        for place in range(len(vectors))
    )
    return Stored(document, passages, vectors)


async def build(folder: Path, real: Vectors, passages: int) -> float:
    """Seconds spent in the index."""
    with_index, spent = EmbeddedIndex(folder), 0.0
    for batch in documents(real, passages):
        began = time.perf_counter()
        await with_index.put_all(TENANT, batch)
        spent += time.perf_counter() - began
    await with_index.close()
    return spent


def questions(real: Vectors) -> list[tuple[str, Vector]]:
    handbook = Handbook(SEED + 1)
    return [(handbook.question(), vector) for vector in real[SENTENCES : SENTENCES + QUESTIONS]]


@dataclass
class Asking:
    """Questions to an index, a number of them at once."""

    index: EmbeddedIndex
    queries: Sequence[Query]

    async def ask(self, at_once: int) -> tuple[list[float], list[list[str]]]:
        """How long each took, and what it found."""
        times, found = [0.0] * len(self.queries), [[""] for _ in self.queries]
        waiting = iter(range(len(self.queries)))

        async def one_after_another() -> None:
            for number in waiting:
                began = time.perf_counter()
                hits = await self.index.search(TENANT, self.queries[number])
                times[number] = time.perf_counter() - began
                found[number] = [hit.passage.id for hit in hits]

        await asyncio.gather(*(one_after_another() for _ in range(at_once)))
        return times, found


def exact(real: Vectors, passages: int, asked: Sequence[Vector]) -> list[set[str]]:
    """The ten nearest by a product of all with all, 32 bits wide."""
    vectors = np.stack(asked)
    best, numbers = np.zeros((len(asked), 0), np.float32), np.zeros((len(asked), 0), np.int64)
    for start in range(0, passages, BATCH * PER_DOCUMENT):
        count = min(BATCH * PER_DOCUMENT, passages - start)
        best = np.concatenate([best, vectors @ moved(real, start, count).T], axis=1)
        numbers = np.concatenate([numbers, np.tile(np.arange(start, start + count), (len(asked), 1))], axis=1)
        nearest = np.argpartition(-best, 10, axis=1)[:, :10]
        best, numbers = np.take_along_axis(best, nearest, 1), np.take_along_axis(numbers, nearest, 1)
    return [{f"d{n // PER_DOCUMENT:07}:{n % PER_DOCUMENT:02}" for n in row} for row in numbers.tolist()]


def recall(found: Sequence[Sequence[str]], wanted: Sequence[set[str]]) -> float:
    return statistics.mean(len(set(some) & best) / len(best) for some, best in zip(found, wanted, strict=True))


def resident() -> tuple[int, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) >> 10 for line in lines if line.startswith("Rss")}
    return sizes["RssAnon"], sizes["RssFile"] + sizes["RssShmem"]


class Figures(Struct):
    p50: float
    p99: float
    cpu: float
    """All in milliseconds."""
    own: int
    mapped: int
    """MB of the process: its own, and the pages of files that it has touched."""
    found: list[list[str]]


async def searcher(folder: Path, kind: str, at_once: int, rounds: int) -> Figures:
    """What one process measures."""
    real = np.load(sentence_vectors(user_cache(), tell), mmap_mode="r")
    queries = [
        Query(text=text, vector=np.array(vector), **({"readers": READERS} | KINDS[kind]))  # type: ignore[arg-type]
        for text, vector in questions(real)
    ]
    index = EmbeddedIndex(folder)
    await Asking(index, queries[:50]).ask(at_once)
    began = time.process_time()
    times, found = await Asking(index, queries * rounds).ask(at_once)
    cpu = (time.process_time() - began) / len(times)
    own, mapped = resident()
    await index.close()
    taken = statistics.quantiles(times, n=100)
    return Figures(1e3 * taken[49], 1e3 * taken[98], 1e3 * cpu, own, mapped, found[: len(queries)])


def measured(folder: Path, kind: str, at_once: int, rounds: int) -> Figures:
    asked = json.dumps([str(folder), kind, at_once, rounds])
    command = [sys.executable, "-m", "tests.bench.knowledge", "--searcher", asked]
    return msgspec.json.decode(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout, type=Figures)


def tell(line: str) -> None:
    print(line, file=sys.stderr)


def report(folder: Path, real: Vectors, passages: int, rounds: int) -> None:
    built = asyncio.run(build(folder, real, passages))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) >> 20
    print(f"\n{passages:,} passages: built in {built:.0f} s ({passages / built:,.0f} a second), {size:,} MB of files\n")
    print("| query | p50 / p99 at 8 at once, ms | alone, ms | CPU, ms | recall@10 | memory, own + mapped, MB |")
    print("|---|--:|--:|--:|--:|--:|")
    vectors = [vector for _, vector in questions(real)]
    for kind in KINDS:
        many, alone = measured(folder, kind, AT_ONCE, rounds), measured(folder, kind, 1, rounds)
        right = f"{recall(many.found, exact(real, passages, vectors)):.3f}" if kind == "vectors" else ""
        print(
            f"| {kind} | {many.p50:.1f} / {many.p99:.1f} | {alone.p50:.1f} / {alone.p99:.1f} | {alone.cpu:.1f} "
            f"| {right} | {many.own} + {many.mapped} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge", description=__doc__)
    parser.add_argument("--passages", default="10000,100000")
    parser.add_argument("--rounds", type=int, default=2, help=f"of {QUESTIONS} questions each")
    parser.add_argument("--folder", type=Path, help="keep the index here")
    parser.add_argument("--searcher", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.searcher:
        folder, *rest = options.searcher
        sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(searcher(Path(folder), *rest))))
        return
    real = np.load(sentence_vectors(user_cache(), tell))
    for passages in map(int, options.passages.split(",")):
        with tempfile.TemporaryDirectory(prefix="ringfence-index-", dir=options.folder) as folder:
            report(Path(folder), real, passages, options.rounds)


if __name__ == "__main__":
    main()
