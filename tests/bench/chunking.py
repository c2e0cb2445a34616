"""Measure how documents are cut, beside fixed sizes, chonkie and semchunk: `python -m tests.bench.chunking`.

The documents of tests/knowledge_data bound into volumes, its questions, MiniLM, and the five nearest passages. Size was
chosen on the tuning half; figures are of the other. What is searched is always all of it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import msgspec
import numpy as np

from inference.minilm import MiniLM
from ingest.chunks import Measure
from ingest.content import Content
from ingest.evaluation.chunking import Asked, Cut, Judge, Piece, Report, Span, fixed, ours
from tests.knowledge_data.__main__ import QUESTIONS
from tests.knowledge_data.generator import Question
from tests.knowledge_data.volumes import rebound, volumes
from tests.peers import minilm, retrieval
from tests.peers.cache import user_cache

SIZES = (128, 200, 255)
PEER_SIZES = (200, 400)
COLUMNS = ("cut", "passages", "tokens each", "precision", "recall", "IoU", "answered whole", "recall in 1,000 tokens")
EMBEDDED_AT_ONCE = 64


@dataclass
class Bench:
    embedder: MiniLM
    contents: dict[str, Content]
    questions: list[Asked]
    vectors: dict[str, np.ndarray] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.measures = {name: Measure(content.text, self.embedder) for name, content in self.contents.items()}

    async def judge(self, name: str, pieces: Sequence[Piece]) -> Report:
        vectors = await self._embed([piece.embedded for piece in pieces])
        asked = await self._embed([question.text for question in self.questions])
        return Judge(self.questions, asked, self.measures).report(name, pieces, vectors)

    def cut(self, way: Cut) -> list[Piece]:
        return [piece for name, content in self.contents.items() for piece in way(name, content, self.embedder)]

    async def _embed(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self.vectors]
        for at in range(0, len(new), EMBEDDED_AT_ONCE):
            part = new[at : at + EMBEDDED_AT_ONCE]
            # A peer's pieces may hold more tokens in our count than in theirs: the beginning is read.
            self.vectors |= zip(part, await asyncio.gather(*map(self.embedder.question, part)), strict=True)
        return np.stack([self.vectors[text] for text in texts])


def stock(bench: Bench, python: str, size: int) -> dict[str, list[Piece]]:
    given = {"size": size, "texts": [content.text for content in bench.contents.values()]}
    command = [python, "-m", "tests.bench.chunking_stock"]
    told = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True, timeout=600)
    pieces: dict[str, list[Piece]] = {}
    for name, by_text in json.loads(told.stdout).items():
        made = pieces.setdefault(f"{name} {size}", [])
        for (document, content), offsets in zip(bench.contents.items(), by_text, strict=True):
            for start, end in offsets:
                if shown := content.text[start:end].strip():
                    made.append(Piece(Span(document, start, end), shown))
    return pieces


async def run(bench: Bench, python: str) -> None:
    cuts = {f"ours {size}": bench.cut(ours(size)) for size in SIZES}
    for size in PEER_SIZES:
        cuts |= {
            f"fixed {size}": bench.cut(fixed(size, 0)),
            f"fixed {size}, overlap 15 %": bench.cut(fixed(size, size * 3 // 20)),
        }
        cuts |= stock(bench, python, size)
    print(f"| {' | '.join(COLUMNS)} |\n|---{'|--:' * (len(COLUMNS) - 1)}|")
    for name, pieces in cuts.items():
        row = await bench.judge(name, pieces)
        means = (row.precision, row.recall, row.iou, row.whole, row.in_budget)
        shown = " | ".join(f"{mean.value:.3f} ± {mean.error:.3f}" for mean in means)
        print(f"| {name} | {row.pieces} | {row.tokens:.0f} | {shown} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.chunking", description=__doc__)
    parser.add_argument("--half", choices=("held", "tuning"), default="held")
    options = parser.parse_args()

    def tell(line: str) -> None:
        print(line, file=sys.stderr)

    weights = minilm.weights(user_cache() / "peers" / "shelf", tell)
    python = retrieval.install(user_cache() / "peers", tell)
    bound = volumes()
    read = [msgspec.json.decode(line, type=Question) for line in QUESTIONS.read_bytes().splitlines()]
    asked = list(rebound([each for each in read if each.half == options.half], bound))
    with closing(MiniLM(weights, len(os.sched_getaffinity(0)))) as embedder:
        asyncio.run(run(Bench(embedder, {each.id: each.content for each in bound}, asked), str(python)))


if __name__ == "__main__":
    main()
