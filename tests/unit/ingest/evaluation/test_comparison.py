"""The whole way from documents to figures, with vectors that count words."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from ingest.content import Block, Content
from ingest.evaluation.chunking import Asked, Span
from ingest.evaluation.comparison import compared, ways
from ingest.index import Vector, Vectors
from tests.unit.ingest.chunks.ruler import Words


class Bag(Words):
    name, dimensions, limit = "bag", 8192, 510

    def __init__(self) -> None:
        self.embedded = list[str]()

    async def passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.stack([await self.question(text) for text in texts])

    async def question(self, text: str) -> Vector:
        counts = np.zeros(self.dimensions, np.float32)
        for word in text.lower().split():
            counts[crc32(word.encode()) % self.dimensions] += 1
        return counts / max(1.0, float(np.linalg.norm(counts)))


def chapter(number: int) -> tuple[Block, ...]:
    said = " ".join(f"filler{number}x{word}" for word in range(60))
    return (
        Block(kind="heading", text=f"Chapter {number}", level=1),
        Block(kind="paragraph", text=f"The code of room{number} is secret{number}. {said}."),
    )


async def test_cuts_that_follow_chapters_answer_with_fewer_words():
    content = Content(path="a.md", blocks=tuple(block for number in range(40) for block in chapter(number)))
    asked = []
    for number in range(0, 40, 3):
        quote = f"The code of room{number} is secret{number}."
        start = content.text.index(quote)
        asked.append(Asked(f"code of room{number}", ((Span("a", start, start + len(quote)),),)))
    embedder = Bag()
    reports = {each.name: each for each in await compared(embedder, {"a": content}, asked, ways([128]))}
    assert reports["ours 128"].pieces == 40
    assert reports["ours 128"].whole.value == 1
    assert reports["ours 128"].precision.value > 2 * reports["fixed 200"].precision.value
    assert len(embedder.embedded) == len(set(embedder.embedded))
