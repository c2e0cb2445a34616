"""Measure the embedder beside sentence-transformers on the same texts and cores: `python -m tests.bench.embedding`.

In each round each side embeds the same texts of about 200 tokens, one side after the other, and the order turns; the
table has medians, and the quickest round of each side, which other programs disturbed least. sentence-transformers
stands in an environment of its own in the user's cache (6 GB, made once).
"""

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np

from inference.minilm import EDGES, MiniLM
from ingest.demo import documents
from tests.peers import minilm, retrieval
from tests.peers.cache import user_cache

TOKENS = 200
A_ROUND = 16


@dataclass(frozen=True)
class Stock:
    """sentence-transformers in a process that waits for texts."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, python: Path, threads: int) -> Self:
        command = [python, Path(__file__).with_name("embedding_stock.py"), str(threads)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout and process.stdout.readline() == "ready\n"
        return cls(process)

    def embed(self, texts: Sequence[str]) -> tuple[float, np.ndarray]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        seconds, vectors = json.loads(self.process.stdout.readline())
        return seconds, np.frombuffer(base64.b64decode(vectors), "<f4").reshape(len(texts), -1)

    def close(self) -> None:
        self.process.communicate()


def texts(embedder: MiniLM) -> Iterator[str]:
    """Passages of the demo's English documents, filled up to the number of tokens."""
    while True:
        whole = "\n".join(each.content.text for each in documents() if each.document.language == "en")
        starts = embedder.tokens(whole)
        for first in range(0, len(starts) - TOKENS, TOKENS - EDGES):
            yield whole[starts[first] : starts[first + TOKENS - EDGES]].strip()


def own(embedder: MiniLM, given: Sequence[str]) -> tuple[float, np.ndarray]:
    began = perf_counter()
    vectors = asyncio.run(embedder.passages(given))
    return perf_counter() - began, vectors


def compare(embedder: MiniLM, stock: Stock, rounds: int) -> None:
    given, rates, cosines = texts(embedder), list[tuple[float, float]](), list[float]()
    for number in range(rounds + 1):
        part = [next(given) for _ in range(A_ROUND)]
        if number % 2:
            theirs, ours = stock.embed(part), own(embedder, part)
        else:
            ours, theirs = own(embedder, part), stock.embed(part)
        cosines += (ours[1] * theirs[1]).sum(axis=1).tolist()
        if number:  # the first round warms both
            rates.append((A_ROUND / ours[0], A_ROUND / theirs[0]))
            print(f"round {number}: {rates[-1][0]:.1f}/s and {rates[-1][1]:.1f}/s", file=sys.stderr)
    ours_s, theirs_s = (statistics.median(side) for side in zip(*rates, strict=True))
    ratio = statistics.median(one / other for one, other in rates)
    best, their_best = (max(side) for side in zip(*rates, strict=True))
    print("| of 200 tokens | ours/s | sentence-transformers/s | times |\n|---|--:|--:|--:|")
    print(f"| median of {rounds} rounds | {ours_s:.1f} | {theirs_s:.1f} | {ratio:.2f} |")
    print(f"| quickest round of each | {best:.1f} | {their_best:.1f} | {best / their_best:.2f} |")
    print(
        f"\nCosine of {len(cosines)} texts: at least {min(cosines):.4f}, {statistics.mean(cosines):.4f} on the average"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.embedding", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()

    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    weights = minilm.weights(user_cache() / "peers" / "shelf", tell)
    python = retrieval.install(user_cache() / "peers", tell)
    with (
        closing(MiniLM(weights, options.threads)) as embedder,
        closing(Stock.start(python, options.threads)) as stock,
    ):
        compare(embedder, stock, options.rounds)


if __name__ == "__main__":
    main()
