"""Texts in which each value is marked, `⟦TYPE:value⟧`, and how much of that is found."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from appliance.privacy.span import Span

FIXTURES = Path(__file__).parents[3] / "fixtures" / "privacy" / "isp"
MARK = re.compile(r"⟦([A-Z_0-9]+):([^⟧]*)⟧")


class Marked(NamedTuple):
    title: str
    text: str
    spans: tuple[Span, ...]


class Score(NamedTuple):
    wanted: int
    found: int
    """Covered to nine tenths, whatever the type,"""
    typed: int
    """and of the right type."""
    spans: int
    right: int
    """Finds that lie on a marked value."""
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.found / self.wanted

    @property
    def precision(self) -> float:
        return self.right / self.spans


def texts(name: str) -> Iterator[Marked]:
    for part in re.split(r"(?m)^=== ", (FIXTURES / f"{name}.txt").read_text(encoding="utf-8"))[1:]:
        title, _, body = part.partition("\n")
        yield unmarked(title, body)


def unmarked(title: str, body: str) -> Marked:
    text, spans, end = "", [], 0
    for mark in MARK.finditer(body):
        text += body[end : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), mark[1], 1.0, title))
        text += mark[2]
        end = mark.end()
    return Marked(title, text + body[end:], tuple(spans))


def measure(marked: Iterable[Marked], find: Callable[[str], Sequence[Span]]) -> Score:
    wanted = found = typed = spans = right = 0
    missed, wrong = [], []
    for each in marked:
        finds = find(each.text)
        spans += len(finds)
        for value in each.spans:
            wanted += 1
            over = [one for one in finds if overlap(one, value)]
            covered = sum(overlap(one, value) for one in over) >= 0.9 * (value.end - value.start)
            found += covered
            typed += covered and any(one.type == value.type for one in over)
            if not covered or not any(one.type == value.type for one in over):
                got = ", ".join(f"{one.type}={each.text[one.start : one.end]!r} {one.recognizer}" for one in over)
                what = "typed" if covered else "MISSED"
                missed.append(f"{each.title}: {what} {value.type}={each.text[value.start : value.end]!r} [{got}]")
        for one in finds:
            hits = any(overlap(one, value) for value in each.spans)
            right += hits
            if not hits:
                wrong.append(
                    f"{each.title}: {one.type}={each.text[one.start : one.end]!r} {one.recognizer} {one.score}"
                )
    return Score(wanted, found, typed, spans, right, tuple(missed), tuple(wrong))


def overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
