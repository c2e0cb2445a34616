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
from pathlib import Path

import msgspec
import numpy as np

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


async def search(folder: Path, queries: Sequence[Query], at_once: int) -> tuple[list[float], list[list[str]]]:
    """How long each took, and what it found."""
    index = EmbeddedIndex(folder)
    times = [0.0] * len(queries)
    found: list[list[str]] = [[] for _ in queries]
    waiting = iter(range(len(queries)))

    async def ask() -> None:
        for number in waiting:
            began = time.perf_counter()
            hits = await index.search(TENANT, queries[number])
            times[number] = time.perf_counter() - began
            found[number] = [hit.passage.id for hit in hits]

    await asyncio.gather(*(ask() for _ in range(at_once)))
    await index.close()
    return times, found


def exact(real: Vectors, passages: int, asked: Sequence[Vector], tenth: bool) -> list[set[str]]:
    """The ten nearest by a product of all with all, 32 bits wide."""
    vectors, ids = np.stack(asked), []
    best = np.full((len(asked), 0), 0.0, np.float32)
    for start in range(0, passages, BATCH * PER_DOCUMENT):
        count = min(BATCH * PER_DOCUMENT, passages - start)
        numbers = np.arange(start, start + count)
        part = vectors @ moved(real, start, count).T
        if tenth:
            part = part[:, (numbers // PER_DOCUMENT) % 10 == 0]
            numbers = numbers[(numbers // PER_DOCUMENT) % 10 == 0]
        ids.append(numbers)
        best = np.concatenate([best, part], axis=1)
    names = np.concatenate(ids)
    nearest = names[np.argpartition(-best, 10, axis=1)[:, :10]]
    return [{f"d{n // PER_DOCUMENT:07}:{n % PER_DOCUMENT:02}" for n in row} for row in nearest.tolist()]


def recall(found: Sequence[Sequence[str]], wanted: Sequence[set[str]]) -> float:
    return statistics.mean(len(set(some) & best) / len(best) for some, best in zip(found, wanted, strict=True))


def resident() -> dict[str, int]:
    """MB of this process: its own, and the files' pages that it has touched."""
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) >> 10 for line in lines if line.startswith("Rss")}
    return {"own": sizes["RssAnon"], "mapped": sizes["RssFile"] + sizes["RssShmem"]}


async def searcher(folder: Path, kind: str, at_once: int, rounds: int) -> dict[str, object]:
    """What one process measures."""
    real = np.load(sentence_vectors(user_cache(), print_to_stderr), mmap_mode="r")
    idle = resident()
    queries = [
        Query(text=text, vector=np.array(vector), **({"readers": READERS} | KINDS[kind]))  # type: ignore[arg-type]
        for text, vector in questions(real)
    ]
    await search(folder, queries[:50], at_once)
    times, found = await search(folder, queries * rounds, at_once)
    taken = statistics.quantiles(times, n=100)
    return {
        "p50": 1e3 * taken[49],
        "p99": 1e3 * taken[98],
        "found": found[: len(queries)],
        "idle": idle,
        "memory": resident(),
    }


def measured(folder: Path, kind: str, at_once: int, rounds: int) -> dict[str, object]:
    command = [
        sys.executable,
        "-m",
        "tests.bench.knowledge",
        "--searcher",
        json.dumps([str(folder), kind, at_once, rounds]),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer: dict[str, object] = msgspec.json.decode(done.stdout)
    return answer


def print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr)


def report(folder: Path, real: Vectors, passages: int, rounds: int) -> None:
    built = asyncio.run(build(folder, real, passages))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) >> 20
    print(f"\n{passages:,} passages: built in {built:.0f} s ({passages / built:,.0f} a second), {size:,} MB of files\n")
    print("| query | p50, ms | p99, ms | p50 alone, ms | recall@10 | memory, own + mapped, MB |")
    print("|---|--:|--:|--:|--:|--:|")
    vectors = [vector for _, vector in questions(real)]
    for kind in KINDS:
        many, alone = measured(folder, kind, AT_ONCE, rounds), measured(folder, kind, 1, 1)
        right = ""
        if kind == "vectors":
            right = f"{recall(many['found'], exact(real, passages, vectors, False)):.3f}"  # type: ignore[arg-type]
        memory = many["memory"]
        print(
            f"| {kind} | {many['p50']:.1f} | {many['p99']:.1f} | {alone['p50']:.1f} | {right} "
            f"| {memory['own']} + {memory['mapped']} |",  # type: ignore[index]
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
    real = np.load(sentence_vectors(user_cache(), print_to_stderr))
    for passages in map(int, options.passages.split(",")):
        with tempfile.TemporaryDirectory(prefix="ringfence-index-", dir=options.folder) as folder:
            report(Path(folder), real, passages, options.rounds)


if __name__ == "__main__":
    main()
