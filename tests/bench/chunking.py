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
from collections.abc import Mapping
from contextlib import closing

import msgspec

from inference.minilm import MiniLM
from ingest.content import Content
from ingest.evaluation.chunking import SIZES, Cut, Piece, Span
from ingest.evaluation.comparison import compared, ways
from tests.knowledge_data.__main__ import QUESTIONS
from tests.knowledge_data.generator import Question
from tests.knowledge_data.volumes import rebound, volumes
from tests.peers import minilm, retrieval
from tests.peers.cache import user_cache

PEER_SIZES = (200, 400)
COLUMNS = ("cut", "passages", "tokens each", "precision", "recall", "IoU", "answered whole", "recall in 1,000 tokens")


def stock(contents: Mapping[str, Content], python: str, size: int) -> dict[str, list[Piece]]:
    given = {"size": size, "texts": [content.text for content in contents.values()]}
    command = [python, "-m", "tests.bench.chunking_stock"]
    told = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True, timeout=600)
    pieces: dict[str, list[Piece]] = {}
    for name, by_text in json.loads(told.stdout).items():
        made = pieces.setdefault(f"{name} {size}", [])
        for (document, content), offsets in zip(contents.items(), by_text, strict=True):
            for start, end in offsets:
                if shown := content.text[start:end].strip():
                    made.append(Piece(Span(document, start, end), shown))
    return pieces


def kept(pieces: list[Piece]) -> Cut:
    """What a peer cut, as a way of cutting."""
    return lambda document, _content, _ruler: [piece for piece in pieces if piece.span.document == document]


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
    contents = {each.id: each.content for each in bound}
    cuts = ways(SIZES)
    for size in PEER_SIZES:
        cuts |= {name: kept(pieces) for name, pieces in stock(contents, str(python), size).items()}
    print(f"| {' | '.join(COLUMNS)} |\n|---{'|--:' * (len(COLUMNS) - 1)}|")
    with closing(MiniLM(weights, len(os.sched_getaffinity(0)))) as embedder:
        for row in asyncio.run(compared(embedder, contents, asked, cuts)):
            means = (row.precision, row.recall, row.iou, row.whole, row.in_budget)
            shown = " | ".join(f"{mean.value:.3f} ± {mean.error:.3f}" for mean in means)
            print(f"| {row.name} | {row.pieces} | {row.tokens:.0f} | {shown} |")


if __name__ == "__main__":
    main()
