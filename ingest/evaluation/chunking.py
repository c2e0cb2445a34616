"""How well a way of cutting serves questions: of the tokens that answer, how many come among the nearest passages, and
how many others come along. Repeated headers, titles and headings are not counted: they are no part of the source."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from ingest.chunks import Measure, Ruler, split
from ingest.content import Content
from ingest.index import Vector, Vectors

SIZES = (128, 200, 255)
NEAREST = 5
BUDGET = 1000
MOST = 200
Z95 = 1.96


class Span(Struct, frozen=True):
    document: str
    start: int
    end: int


class Asked(Struct, frozen=True):
    text: str
    answers: tuple[tuple[Span, ...], ...]
    """All are needed, each in any one of its places."""


class Piece(Struct, frozen=True):
    span: Span
    embedded: str


Cut = Callable[[str, Content, Ruler], Sequence[Piece]]
"""A way of cutting: of a document's id and content."""


class Mean(Struct, frozen=True):
    value: float
    error: float
    """Half the width of the interval that holds the true mean in 95 of 100 cases."""


class Score(Struct, frozen=True):
    recall: float
    precision: float
    iou: float
    """What answers and was found, of what answers or was found."""
    whole: float
    """1: every answer was found from its first token to its last."""


class Report(Struct, frozen=True):
    name: str
    pieces: int
    tokens: float
    """Of a piece, on the average."""
    questions: int
    recall: Mean
    precision: Mean
    iou: Mean
    whole: Mean
    in_budget: Mean
    """Recall of as many passages as `BUDGET` tokens hold, however many they are."""


def ours(size: int) -> Cut:
    def cut(document: str, content: Content, ruler: Ruler) -> Sequence[Piece]:
        found = split(document, content, ruler, size)
        return [Piece(Span(document, each.start, each.end), each.embedded) for each in found]

    return cut


def fixed(size: int, overlap: int) -> Cut:
    """So many tokens each, whatever stands there, as most systems cut."""

    def cut(document: str, content: Content, ruler: Ruler) -> Sequence[Piece]:
        text = content.text
        starts = [*ruler.tokens(text), len(text)]
        found = list[Piece]()
        for first in range(0, max(1, len(starts) - 1 - overlap), size - overlap):
            begin, end = starts[first], starts[min(first + size, len(starts) - 1)]
            if text[begin:end].strip():
                found.append(Piece(Span(document, begin, end), text[begin:end].strip()))
        return found

    return cut


def nearest(vectors: Vectors, question: Vector, count: int) -> list[int]:
    """The best first; the earlier of equals."""
    order = np.argsort(-(vectors @ question), kind="stable")
    return [int(each) for each in order[:count]]


def within(found: Iterable[Span], budget: int, measures: Mapping[str, Measure]) -> list[Span]:
    """As many as there is room for in so many tokens."""
    kept = list[Span]()
    for each in found:
        budget -= _tokens(each, measures)
        if budget < 0:
            break
        kept.append(each)
    return kept


def score(asked: Asked, found: Sequence[Span], measures: Mapping[str, Measure]) -> Score:
    chosen = [max(places, key=lambda place: _met(place, found, measures)) for places in asked.answers]
    wanted = sum(_tokens(each, measures) for each in chosen)
    # What two passages both hold is read twice, and counts twice.
    told = sum(_tokens(each, measures) for each in found)
    met = sum(_met(each, found, measures) for each in chosen)
    return Score(met / wanted, met / told if told else 0.0, met / (wanted + told - met), float(met == wanted))


class Judge(Struct, frozen=True):
    """What passages are compared by."""

    questions: Sequence[Asked]
    vectors: Vectors
    """Of the questions."""
    measures: Mapping[str, Measure]
    """Of the documents."""

    def report(self, name: str, pieces: Sequence[Piece], vectors: Vectors) -> Report:
        scores, in_budget = list[Score](), list[float]()
        for asked, vector in zip(self.questions, self.vectors, strict=True):
            found = [pieces[at].span for at in nearest(vectors, vector, MOST)]
            scores.append(score(asked, found[:NEAREST], self.measures))
            in_budget.append(score(asked, within(found, BUDGET, self.measures), self.measures).recall)
        tokens = statistics.mean(_tokens(each.span, self.measures) for each in pieces)
        return Report(
            name=name,
            pieces=len(pieces),
            tokens=tokens,
            questions=len(scores),
            recall=_mean([each.recall for each in scores]),
            precision=_mean([each.precision for each in scores]),
            iou=_mean([each.iou for each in scores]),
            whole=_mean([each.whole for each in scores]),
            in_budget=_mean(in_budget),
        )


def _mean(values: Sequence[float]) -> Mean:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return Mean(statistics.mean(values), Z95 * spread / len(values) ** 0.5)


def _tokens(span: Span, measures: Mapping[str, Measure]) -> int:
    return measures[span.document].tokens(span.start, span.end)


def _met(place: Span, found: Sequence[Span], measures: Mapping[str, Measure]) -> int:
    """Tokens of the place that any of the found hold, each once."""
    met, at = 0, place.start
    inside = [each for each in found if each.document == place.document and each.end > place.start]
    for each in sorted(inside, key=lambda span: span.start):
        start, end = max(at, each.start), min(place.end, each.end)
        if start < end:
            met += measures[place.document].tokens(start, end)
            at = end
    return met
