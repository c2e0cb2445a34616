"""What stands on a page of print: words with their places, and the lines that are drawn."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from msgspec import Struct

SAME_LINE = 0.35
"""Of the size of letters: how far two words of one line may be above each other."""
GAP = 1.8
"""Of the size of letters: what is further apart in a line belongs to different columns."""
MARKS = set("•◦▪‣–-*·o■□➢➤")  # noqa: RUF001


class Word(Struct, frozen=True):
    text: str
    left: float
    right: float
    base: float
    """How high it stands; a page begins below, at 0."""
    size: float
    bold: bool

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


class Rule(Struct, frozen=True):
    """A drawn line: two points, horizontal or vertical."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def lies(self) -> bool:
        return self.right - self.left >= self.top - self.bottom


class Page(Struct, frozen=True):
    number: int
    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    height: float


class Line(Struct, frozen=True):
    """Words that follow each other without a wide gap."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool


def lines(words: Iterable[Word]) -> list[Line]:
    """Rows from above to below, each cut where a gap is wide, each part from left to right."""
    placed = sorted(words, key=lambda each: -each.base)
    found: list[Line] = []
    row: list[Word] = []
    for each in placed:
        if row and row[0].base - each.base > SAME_LINE * max(row[0].size, each.size):
            found += _parts(row)
            row = []
        row.append(each)
    if row:
        found += _parts(row)
    return found


def rows(parts: Iterable[Line]) -> Iterator[list[Line]]:
    """The parts of each row together."""
    for _, group in groupby(parts, lambda each: each.base):
        yield list(group)


def _parts(row: list[Word]) -> Iterator[Line]:
    row.sort(key=lambda each: each.left)
    base = row[0].base
    part = [row[0]]
    for each in row[1:]:
        gap = GAP * (1 if not _is_mark(row, part) else 3)
        if each.left - part[-1].right > gap * each.size:
            yield _line(part, base)
            part = []
        part.append(each)
    yield _line(part, base)


def _is_mark(row: list[Word], part: list[Word]) -> bool:
    """Of an item of a list, whose text stands further away."""
    mark = part[0].text
    return part == row[:1] and (mark in MARKS or (mark.endswith((".", ")")) and mark[:-1].isdigit()))


def _line(part: list[Word], base: float) -> Line:
    letters = sum(len(each.text) for each in part)
    bold = sum(len(each.text) for each in part if each.bold)
    size = max(part, key=lambda each: len(each.text)).size
    text = part[0].text
    for before, each in pairwise(part):
        # Letters that are set one by one, as in spaced headings or around an apostrophe.
        text += each.text if each.left - before.right < 0.1 * size else f" {each.text}"
    return Line(text, part[0].left, max(each.right for each in part), base, size, bold > letters / 2)
