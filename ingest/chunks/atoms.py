"""What a cut never falls into: blocks that fit, and the sentences, items, rows and lines of those that do not."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ingest.chunks.measure import Measure
from ingest.content import Block, Kind, Spot

# How well a cut stands before an atom.
NEVER, WORD, LINE, PART, BLOCK = range(5)

LINES = re.compile(r"^(?=.)", re.MULTILINE)
MARKS: dict[Kind, Sequence[tuple[int, re.Pattern[str]]]] = {
    "heading": (),
    "paragraph": (
        (PART, re.compile(r"(?<=[.!?\u2026\u3002\uff1f\uff01])[\"'”»)\]]*\s+(?=[^\sa-zà-öø-ÿ])|\n\s*\n")),
        (LINE, re.compile(r"(?<=[;:,])\s+|\n")),
    ),
    "list": ((PART, re.compile(r"^(?=(?:[-*\u2022\u2013]|\w{1,3}[.)])\s)", re.MULTILINE)), (LINE, LINES)),
    "table": ((PART, LINES),),
    # A configuration's stanza begins where a line is not indented.
    "code": ((PART, re.compile(r"\n\s*\n|^(?=[^\s!}\])])", re.MULTILINE)), (LINE, LINES)),
}


class Atom(Struct, frozen=True):
    start: int
    end: int
    strength: int
    spot: Spot
    kind: Kind
    header: str = ""
    """What is shown before it where a passage begins with it: it is a later part of a table."""
    taken: int = 0
    """Tokens of the header."""


def atoms(text: str, block: Block, start: int, measure: Measure, size: int) -> Iterator[Atom]:
    """A block, whole where it takes no more than `size` tokens."""
    end = start + len(block.text)
    if measure(start, end) <= size:
        yield Atom(start, end, BLOCK, block.spot, block.kind)
        return
    taken = measure(start, start + len(block.header))
    header, taken = (block.header, taken) if block.header and taken <= size // 2 else ("", 0)
    marks = [*MARKS[block.kind], (WORD, None)]
    spot, counted = block.spot, start
    for first, last, strength in _parts(text, (start, end, BLOCK), marks, measure, size - taken):
        if spot.row and block.kind != "paragraph":
            spot = replace(spot, row=spot.row + text.count("\n", counted, first))
            counted = first
        is_later = header and first >= start + len(header)
        shown = (header, taken) if is_later else ("", 0)
        yield Atom(first, last, strength, spot, block.kind, *shown)


Part = tuple[int, int, int]
"""Start, end, strength."""


def _parts(
    text: str, part: Part, marks: Sequence[tuple[int, re.Pattern[str] | None]], measure: Measure, size: int
) -> Iterator[Part]:
    start, end, strength = part
    if measure(start, end) <= size or not marks:
        yield part
        return
    (at_most, mark), *finer = marks
    if mark is None:
        inside = measure.words(start, end, size)
    else:
        inside = [start, *(match.end() for match in mark.finditer(text, start, end) if start < match.end() < end)]
    for first, last in zip(inside, [*inside[1:], end], strict=True):
        yield from _parts(text, (first, last, strength if first == start else at_most), finer, measure, size)
