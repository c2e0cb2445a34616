"""Tables whose first line tells what stands below: CSV, tabs, `|`, and columns set apart by spaces as in `show` output.

In a table only the head names the type, far above most of its values, so no pattern and no word nearby finds them.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from appliance.privacy.proofs.serials import is_serial
from appliance.privacy.proofs.words import has_value, is_secret
from appliance.privacy.scanning.heads import named_types, other_names
from appliance.privacy.span import Span

SCORE = 0.92
MOST_COLUMNS = 64
LONGEST_LINE = 4_000
LONGEST_CELL = 80
MOST_WORDS = 5
SLACK = 2
"""A cell may begin so many characters before its head."""
DELIMITERS = (",", ";", "\t", "|")
_COUNTED = frozenset(
    [
        "CUSTOMER_ID",
        "ACCOUNT_ID",
        "CONTRACT_ID",
        "INVOICE_ID",
        "TICKET_ID",
        "CIRCUIT_ID",
        "CUSTOMER_PORT",
        "IMEI",
        "IMSI",
        "ICCID",
        "MSISDN",
    ]
)
"""Values of these types hold digits."""
MARKS = (*DELIMITERS, "  ")
AROUND = "\"'*#:. \t\r"
"""What may stand around the name of a column."""
WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(
    r"[0-9.]{7,15}(?:/[0-9]{1,2})?|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}"
    r"|[0-9A-Fa-f]{4}([.-])[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}"
)
"""Where a table calls a host by its address."""
JOINTS = re.compile(r"[\s_.-]+")
SPACED = re.compile(r"\S+(?: \S+)*")
WRAPPED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{3,79})(?:\([A-Z0-9]{1,20}\))?[ ]{0,80}\r?")
"""A first cell that is too long for its column, with the others on the next line."""


class Cell(NamedTuple):
    start: int
    end: int
    text: str


class Head(NamedTuple):
    start: int
    end: int
    type: str | None


class Line(NamedTuple):
    start: int
    text: str
    may_be_head: bool


class Columns:
    """Linear: each line is read once for each kind of table, and only in a table."""

    def __init__(self) -> None:
        self._types = named_types()
        self._known = {*self._types, *other_names()}
        self._last = tuple({WORD.findall(name)[-1] for name in self._known})

    def find(self, text: str) -> list[Span]:
        lines = text.split("\n")
        heads = {number for number, line in enumerate(lines) if self._may_be_head(line)} if len(lines) > 1 else ()
        if not heads:
            return []
        table = list(_from(min(heads), lines, heads))
        found = [*self._spaced(table)]
        for delimiter in DELIMITERS:
            found += self._delimited(table, delimiter)
        return found

    def _may_be_head(self, line: str) -> bool:
        """Two of its cells end like names; quick to say of what is no table."""
        if len(line) > LONGEST_LINE:
            return False
        for mark in MARKS:
            if mark in line:
                ends = [each for each in line.split(mark) if len(each) <= LONGEST_CELL and self._ends_like_a_name(each)]
                if len(ends) > 1:
                    return True
        return False

    def _ends_like_a_name(self, cell: str) -> bool:
        return cell.rstrip(AROUND).lower().endswith(self._last)

    def _delimited(self, lines: Iterable[Line], delimiter: str) -> Iterator[Span]:
        width, types = 0, dict[int, str]()
        for line in lines:
            if not types and not line.may_be_head:
                continue
            if delimiter not in line.text or line.text.count(delimiter) >= MOST_COLUMNS:
                width, types = 0, {}
                continue
            cells = list(_cells(line, delimiter))
            if line.may_be_head and (named := self._heads(cells)):
                width, types = len(cells), named
            elif len(cells) == width:
                yield from (_span(cells[at], type_) for at, type_ in types.items() if _is_value(type_, cells[at].text))

    def _spaced(self, lines: Iterable[Line]) -> Iterator[Span]:
        heads: list[Head] = []
        gaps = frozenset[int]()
        wrapped: Cell | None = None
        for line in lines:
            if not heads and not line.may_be_head:
                continue
            alone, wrapped = wrapped, None
            if _is_rule(line.text):
                gaps = frozenset(each.start() for each in re.finditer(r"(?<=[-=]) (?=[-=])", line.text))
                continue
            if whole := WRAPPED.fullmatch(line.text):
                wrapped = Cell(line.start, line.start + len(whole[1]), whole[1])
                continue
            if ("  " not in line.text and not gaps) or "\t" in line.text:
                heads = []
                continue
            cells = _parted(line, gaps)
            if len(cells) < 2 or len(cells) > MOST_COLUMNS:
                heads = []
            elif line.may_be_head and (named := self._heads(cells)):
                heads, gaps = _placed(cells, named, line.start), frozenset()
            else:
                if alone and line.text.startswith("    "):
                    yield from _below(heads, [alone], alone.start)
                yield from _below(heads, cells, line.start)

    def _heads(self, cells: Sequence[Cell]) -> dict[int, str]:
        """The types of the columns, if this is a head: two of its cells at least are names that are known."""
        names = [self._known_end(cell.text) for cell in cells]
        if sum(name != "" for name in names) < 2:
            return {}
        return {at: self._types[name] for at, name in enumerate(names) if name in self._types}

    def _known_end(self, head: str) -> str:
        """`cpe_serial` ends like `serial`."""
        words = JOINTS.split(head.strip(AROUND).lower())
        ends = (" ".join(words[at:]) for at in range(len(words))) if len(words) <= MOST_WORDS else ()
        return next((end for end in ends if end in self._known), "")


def _from(first: int, lines: Sequence[str], heads: Container[int]) -> Iterator[Line]:
    start = sum(map(len, lines[:first])) + first
    for number in range(first, len(lines)):
        line = lines[number]
        # One that is too long is none of a table.
        yield Line(start, line if len(line) <= LONGEST_LINE else "", number in heads)
        start += len(line) + 1


def _cells(line: Line, delimiter: str) -> Iterator[Cell]:
    start = line.start
    for part in line.text.split(delimiter):
        bare = part.strip(" \t\r\"'")
        at = start + (part.find(bare) if bare else 0)
        yield Cell(at, at + len(bare), bare)
        start += len(part) + len(delimiter)


def _placed(cells: Sequence[Cell], named: Mapping[int, str], start: int) -> list[Head]:
    return [Head(cell.start - start, cell.end - start, named.get(at)) for at, cell in enumerate(cells)]


def _parted(line: Line, gaps: Container[int]) -> list[Cell]:
    """Two blanks part cells, and one that stands where the rule below the head has its gaps."""
    cells: list[Cell] = []
    for run in SPACED.finditer(line.text):
        start = run.start()
        for end in (*(blank for blank in range(run.start(), run.end()) if blank in gaps), run.end()):
            if line.text[end : end + 1] in ("", " ") and start < end:
                cells.append(Cell(line.start + start, line.start + end, line.text[start:end]))
                start = end + 1
    return cells


def _below(heads: Sequence[Head], cells: Sequence[Cell], start: int) -> Iterator[Span]:
    for cell in cells:
        type_ = _above(heads, cell.start - start, cell.end - start)
        if type_ and _is_value(type_, cell.text):
            yield _span(cell, type_)


def _above(heads: Sequence[Head], start: int, end: int) -> str | None:
    """The head that begins where the cell does; or that ends there, where numbers stand at the right; or the last
    before it."""
    left = bisect_right(heads, start + SLACK, key=attrgetter("start"))
    if left and heads[left - 1].start >= start - SLACK:
        return heads[left - 1].type
    right = bisect_left(heads, end, key=attrgetter("end"))
    if right < len(heads) and heads[right].end == end:
        return heads[right].type
    return heads[left - 1].type if left else None


def _is_value(type_: str, text: str) -> bool:
    if not 2 <= len(text) <= LONGEST_CELL or is_secret(text) is False:
        return False
    if type_ == "CUSTOMER_PORT" and not re.search("[/:]", text):
        return False
    if type_ in _COUNTED:
        return has_value(2)(text) is None
    if type_ == "HOSTNAME" and ADDRESS.fullmatch(text):
        return False
    return type_ != "SERIAL_NUMBER" or is_serial(text) is None


def _is_rule(line: str) -> bool:
    return not line.strip(" -=+|\r")


def _span(cell: Cell, type_: str) -> Span:
    return Span(cell.start, cell.end, type_, SCORE, "columns")
