"""Pages of print -> blocks: reading order, tables, headings by size, words mended, running lines left out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from ingest.content import Block, Spot
from ingest.readers import ruled
from ingest.readers.prose import BULLET, ENDS_SENTENCE
from ingest.readers.table import table
from ingest.readers.words import Line, Page, lines, rows

DIGITS = re.compile(r"\d+")
BROKEN_WORD = re.compile(r"(\w{2,})[-\u00ad\u2010\x02\ufffe]$")
LONGEST_WORD = 80
ENDS_BROKEN = ("-", "\u00ad", "\u2010", "\x02", "\ufffe")
LARGER = 1.12
"""Than the text of the document: a heading."""
LONGEST_HEADING = 160
EDGE = 0.1
"""Of a page's height, at its top and at its foot: where running lines stand."""
REPEATED = 0.3
"""Of the pages that must share a running line, three at least."""
SHORT_CELL = 26
"""Letters on average: shorter parts side by side are cells, longer ones columns of text."""
LEADING = 1.75
"""Of the size of letters: a line further below begins a paragraph."""
LEAST_GAP = 6.0


class Part(Struct, frozen=True):
    """A table, or a line of text, at its place in the reading order."""

    page: int
    line: Line | None = None
    table: tuple[tuple[str, ...], ...] = ()
    edge: bool = False
    """At the top or the foot of the page, where running lines stand."""


def parts(page: Page) -> list[Part]:
    """What stands on one page, in the order in which it is read."""
    grids = ruled.grids(page.rules)
    inside = [[word for word in page.words if grid.holds(word)] for grid in grids]
    taken = {id(word) for words in inside for word in words}
    free = lines(word for word in page.words if id(word) not in taken)
    # A table stands among the lines as one line that is as high as its top.
    tables: dict[int, tuple[tuple[str, ...], ...]] = {}
    for grid, words in zip(grids, inside, strict=True):
        cells = tuple(tuple(row) for row in grid.cells(words))
        if sum(1 for row in cells for cell in row if cell) > 1:
            stand_in = Line("", grid.columns[0], grid.columns[-1], grid.heights[0], 10.0, False)
            tables[id(stand_in)] = cells
            free.append(stand_in)
    free, more = _aligned(sorted(free, key=lambda each: -each.base))
    tables |= more
    return [
        Part(page.number, table=tables[id(each)])
        if id(each) in tables
        else Part(page.number, each, edge=not EDGE <= each.base / max(page.height, 1.0) <= 1 - EDGE)
        for each in _ordered(free)
    ]


def running(pages: Sequence[Sequence[Part]]) -> set[str]:
    """Lines that many pages have at the same height of their edges, numbers aside, no larger than the text."""
    usual = _usual_size(part for page in pages for part in page)
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update(
            {_place(each.line) for each in page if each.line and each.edge and each.line.size < usual * LARGER}
        )
    needed = max(3, len(pages) * REPEATED)
    return {text for (text, _), count in counts.items() if count >= needed}


def without(page: Sequence[Part], left_out: set[str]) -> list[Part]:
    return [each for each in page if not (each.line and each.edge and _place(each.line)[0] in left_out)]


def blocks(found: Iterable[Part]) -> Iterator[Block]:
    """Paragraphs, headings, lists and tables of all pages."""
    every = list(found)
    levels = _levels(every)
    bold_level = min(max(levels.values(), default=0) + 1, 6)
    for part in _paragraphs(every):
        first = part[0]
        spot = Spot(page=first.page)
        if first.line is None:
            if block := table(first.table, spot):
                yield block
            continue
        text = _mended([each.line for each in part if each.line])
        level = levels.get(_rounded(first.line.size), 0)
        if not level and first.line.bold and len(part) < 3 and not text.endswith(ENDS_SENTENCE):
            level = bold_level
        if level and len(text) <= LONGEST_HEADING and any(each.isalpha() for each in text):
            yield Block(kind="heading", text=text.replace("\n", " "), spot=spot, level=level)
        else:
            yield Block(kind="list" if BULLET.match(text) else "paragraph", text=text, spot=spot)


def _place(line: Line) -> tuple[str, int]:
    return DIGITS.sub("#", line.text), round(line.base)


def _usual_size(every: Iterable[Part]) -> float:
    """The size that most letters have."""
    letters: Counter[float] = Counter()
    for each in every:
        if each.line:
            letters[_rounded(each.line.size)] += len(each.line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _aligned(free: list[Line]) -> tuple[list[Line], dict[int, tuple[tuple[str, ...], ...]]]:
    """Three rows or more of short parts below each other are a table without lines."""
    kept: list[Line] = []
    tables: dict[int, tuple[tuple[str, ...], ...]] = {}
    run: list[list[Line]] = []

    def close() -> None:
        letters = [len(each.text) for row in run for each in row]
        if len(run) >= 3 and sum(letters) / len(letters) < SHORT_CELL:
            stand_in = Line("", run[0][0].left, run[0][-1].right, run[0][0].base, run[0][0].size, False)
            tables[id(stand_in)] = _cells(run)
            kept.append(stand_in)
        else:
            kept.extend(each for row in run for each in row)
        run.clear()

    for row in rows(free):
        if len(row) < 2 or any(not each.text for each in row) or (run and not _continues(run[-1], row)):
            close()
        if len(row) < 2 or any(not each.text for each in row):
            kept += row
        else:
            run.append(row)
    close()
    return kept, tables


def _continues(above: list[Line], row: list[Line]) -> bool:
    """Close below, and most of its parts lie under one of the parts above."""
    if above[0].base - row[0].base > 3 * above[0].size:
        return False
    under = sum(1 for each in row if any(_overlap(each, other) for other in above))
    return under >= min(len(row), len(above)) and abs(len(row) - len(above)) <= 1


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right


def _cells(run: list[list[Line]]) -> tuple[tuple[str, ...], ...]:
    """A column for each part of the widest row; others go where they overlap, or lie nearest."""
    widest = max(run, key=len)
    found = []
    for row in run:
        cells = [""] * len(widest)
        for each in row:
            place = min(range(len(widest)), key=lambda n: abs(_middle(widest[n]) - _middle(each)))
            place = next((n for n, other in enumerate(widest) if _overlap(each, other)), place)
            cells[place] = f"{cells[place]} {each.text}".strip()
        found.append(tuple(cells))
    return tuple(found)


def _middle(line: Line) -> float:
    return (line.left + line.right) / 2


def _ordered(found: list[Line]) -> list[Line]:
    """Columns one after the other: cut where a gap goes from top to bottom, else where the widest goes across."""
    todo, done = [found], []
    while todo:
        group = todo.pop()
        if len(group) > 1 and (cut := _between_columns(group) or _between_bands(group)):
            todo += reversed(cut)
        else:
            done += sorted(group, key=lambda each: (-each.base, each.left))
    return done


def _between_columns(group: list[Line]) -> tuple[list[Line], list[Line]] | None:
    by_left = sorted(group, key=lambda each: each.left)
    reach = by_left[0].right
    for place, each in enumerate(by_left):
        if each.left - reach > max(LEAST_GAP, each.size * 0.8) and place > 2 and len(group) - place > 2:
            return by_left[:place], by_left[place:]
        reach = max(reach, each.right)
    return None


def _between_bands(group: list[Line]) -> tuple[list[Line], list[Line]] | None:
    """Only where parts lie side by side: in one column the order is clear."""
    if min(each.right for each in group) > max(each.left for each in group):
        return None
    by_height = sorted(group, key=lambda each: -each.base)
    gaps = [(above.base - below.base, place) for place, (above, below) in enumerate(pairwise(by_height), 1)]
    widest, place = max(gaps)
    if widest <= 0:
        return None
    return by_height[:place], by_height[place:]


def _levels(every: Sequence[Part]) -> dict[float, int]:
    """The size of each kind of heading -> its level."""
    usual = _usual_size(every)
    sizes = {_rounded(each.line.size) for each in every if each.line}
    larger = sorted((size for size in sizes if size > usual * LARGER), reverse=True)
    return {size: min(level, 6) for level, size in enumerate(larger, 1)}


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _paragraphs(every: Iterable[Part]) -> Iterator[list[Part]]:
    part: list[Part] = []
    for each in every:
        if part and not _goes_on(part[-1], each):
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _goes_on(before: Part, after: Part) -> bool:
    one, other = before.line, after.line
    if one is None or other is None or _rounded(one.size) != _rounded(other.size) or one.bold != other.bold:
        return False
    if BULLET.match(other.text) and not one.text.endswith(ENDS_BROKEN):
        return (
            bool(BULLET.match(one.text))
            and before.page == after.page
            and 0 < one.base - other.base < LEADING * one.size
        )
    falls = one.base - other.base
    if before.page == after.page and falls > 0:
        return falls < LEADING * one.size
    # The next column or the next page: a sentence goes on in small letters.
    return other.text[:1].islower() and not one.text.endswith((".", "!", "?", ":"))


def _mended(found: Sequence[Line]) -> str:
    """Lines of one paragraph as one text; a word that was broken at the end of a line is whole again."""
    text = found[0].text
    for each in found[1:]:
        if BULLET.match(each.text):
            text += f"\n{each.text}"
        elif (
            (broken := BROKEN_WORD.search(text[-LONGEST_WORD:])) and each.text[:1].islower() and not broken[1].isupper()
        ):
            text = text[:-1] + each.text
        elif text.endswith(ENDS_BROKEN):
            text = text[:-1] + "-" + each.text
        else:
            text += f" {each.text}"
    return text.replace("\u00ad", "").replace("\x02", "-").replace("\ufffe", "-")
