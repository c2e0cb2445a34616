"""Which find holds where several overlap.

The order, first that tells: what was given as an exact term; what a check confirmed (score 1); the longer; the surer;
the rank of its type; the one that begins first. What is left of a loser stays a find of its own type if it has four
letters or digits: it was found in its own right. Only a web address gives way to what is shorter: the same key or IP
address has the same placeholder where it stands alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator

from appliance.privacy.span import Span

LEFT_OVER = 4
OPEN = "URL"
IN_OPEN = frozenset({"IP_ADDRESS", "MAC_ADDRESS", "API_KEY", "TOKEN", "SECRET", "PASSWORD", "JWT", "PASSWORD_HASH"})


def settled(text: str, spans: Iterable[Span], rank: Callable[[str], int], exact: frozenset[str]) -> tuple[Span, ...]:
    """Sorted, none overlapping another; `exact` are the recognizers of exact terms."""

    def order(span: Span) -> tuple[bool, bool, int, float, int, Span]:
        length = span.end - span.start
        return (span.recognizer not in exact, span.score < 1, -length, -span.score, -rank(span.type), span)

    kept: list[Span] = []
    covered = _Covered()
    for each in sorted(_opened(text, list(spans)), key=order):
        for start, end in covered.free(each.start, each.end):
            if (start, end) == (each.start, each.end):
                kept.append(each)
            elif _alphanumeric(text[start:end]) >= LEFT_OVER:
                kept.append(_without_blanks(text, Span(start, end, each.type, each.score, each.recognizer)))
            else:
                continue  # free for what comes later
            covered.add(start, end)
    return tuple(sorted(kept))


def _opened(text: str, spans: list[Span]) -> Iterator[Span]:
    """Web addresses in pieces, around what else stands in them."""
    inner = _Covered()
    for each in spans:
        if each.type in IN_OPEN:
            inner.add(each.start, each.end)
    for each in spans:
        if each.type != OPEN:
            yield each
            continue
        for start, end in inner.free(each.start, each.end):
            if (start, end) != (each.start, each.end) and _alphanumeric(text[start:end]) < LEFT_OVER:
                continue
            yield Span(start, end, each.type, each.score, each.recognizer)


def _alphanumeric(piece: str) -> int:
    return sum(map(str.isalnum, piece.rpartition("://")[2]))


def _without_blanks(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()), span.type, span.score, span.recognizer)


class _Covered:
    """Disjoint stretches in order; those that touch are one, so that long finds over many short ones stay cheap."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def free(self, start: int, end: int) -> list[tuple[int, int]]:
        """What of this is not covered."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if first == last:
            return [(start, end)]
        if self._starts[first] <= start and end <= self._ends[first]:
            return []
        bounds = [start]
        for covered in zip(self._starts[first:last], self._ends[first:last], strict=True):
            bounds += covered
        bounds.append(end)
        return [(one, other) for one, other in zip(bounds[::2], bounds[1::2], strict=True) if one < other]

    def add(self, start: int, end: int) -> None:
        first, last = bisect_left(self._ends, start), bisect_right(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]
