"""Cuts documents in several ways, embeds what comes out, and asks."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ingest.chunks import Measure
from ingest.content import Content
from ingest.embed import Embedder
from ingest.evaluation.chunking import Asked, Cut, Judge, Report, fixed, ours
from ingest.index import Vectors

FIXED = (200, 400)
AT_ONCE = 64


def ways(sizes: Iterable[int]) -> dict[str, Cut]:
    """Ours in these sizes, beside pieces of one size as most systems make them."""
    cuts = {f"ours {size}": ours(size) for size in sizes}
    for size in FIXED:
        cuts |= {f"fixed {size}": fixed(size, 0), f"fixed {size}, overlap 15 %": fixed(size, size * 3 // 20)}
    return cuts


async def compared(
    embedder: Embedder, contents: Mapping[str, Content], asked: Sequence[Asked], cuts: Mapping[str, Cut]
) -> list[Report]:
    memory = _Memory(embedder)
    measures = {name: Measure(content.text, embedder) for name, content in contents.items()}
    judge = Judge(asked, await memory.vectors([each.text for each in asked]), measures)
    reports = list[Report]()
    for name, cut in cuts.items():
        pieces = [piece for document, content in contents.items() for piece in cut(document, content, embedder)]
        reports.append(judge.report(name, pieces, await memory.vectors([piece.embedded for piece in pieces])))
    return reports


class _Memory:
    """The same text is embedded once, however many ways of cutting make it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for at in range(0, len(new), AT_ONCE):
            part = new[at : at + AT_ONCE]
            self._known |= zip(part, await self._embedder.passages(part), strict=True)
        return np.stack([self._known[text] for text in texts])
