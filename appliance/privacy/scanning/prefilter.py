"""Which patterns can occur in a text at all: one pass for all of them, by Hyperscan.

Measured with 158 patterns on texts that were not seen before, one core: Hyperscan 13 us for 231 characters and 125 us
for 2,310; google-re2's `Set` 120 and 970 us (its automaton is built from what it reads, so new text is slow); every
pattern of its own 430 and 1,010 us with re2, 1,140 and 10,500 us with `re`. Hyperscan tells no exact spans for patterns
of this size, so it says which patterns end where, and the scanner looks for those there.
"""

import fcntl
import hashlib
import platform
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

import hyperscan

from appliance.privacy.scanning.pattern import Pattern

GROUP = 128
"""Patterns that become one automaton: fewer compile faster, more scan faster, until the automaton outgrows the
processor's cache (504 patterns, 2,310 characters: 14 s and 320 us in groups of 32, 17 s and 180 us of 128, 25 s and
370 us in one)."""
WIDE = 32
"""Repetitions over this are taken as without end, which can only find more, and compiles faster;"""
LARGE, WIDER = 300, 8
"""in a pattern of more characters those over this, and"""
WIDTHS = (WIDER, 2, 1)
"""in one that is too large for Hyperscan those over the first of these with which it is not."""
ANY = "(?s).$"
"""What Hyperscan knows no way to look for may be in any text."""
MOST = 1_000
"""Reports, and one more for each byte, after which it is cheaper to try each of the patterns that are left."""
REPEAT = re.compile(r"(?<!\\)\{(\d+)(,\d*)?\}")


class Prefilter:
    """Made by `load`; may be used by several threads."""

    def __init__(self, databases: Sequence[hyperscan.Database], count: int) -> None:
        self._databases = databases
        self._count = count
        self._local = threading.local()

    @classmethod
    def load(cls, patterns: Sequence[Pattern], folder: Path | None) -> Self:
        """Compiling takes seconds; what was compiled is kept in the folder."""
        databases = []
        for first in range(0, len(patterns), GROUP):
            databases.append(_database(patterns, first, folder))
        return cls(databases, len(patterns))

    @classmethod
    def is_kept(cls, patterns: Sequence[Pattern], folder: Path) -> bool:
        """Whether `load` would take little time."""
        return all(_file(patterns, first, folder).exists() for first in range(0, len(patterns), GROUP))

    def ends(self, data: bytes) -> Mapping[int, Sequence[int]]:
        """The patterns that may be found, each with where its matches (or hints) may end, in bytes and in order."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        left = MOST + len(data)

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            nonlocal left
            found[number].append(end)
            left -= 1
            return left < 0

        anywhere = range(len(data) + 1)
        for group, (database, scratch) in enumerate(self._scratches()):
            try:
                database.scan(data, match_event_handler=on_match, scratch=scratch)
            except hyperscan.ScanTerminated:
                return self._ordered(found, anywhere) | dict.fromkeys(range(group * GROUP, self._count), anywhere)
        return self._ordered(found, anywhere)

    def _ordered(self, found: Mapping[int, list[int]], anywhere: Sequence[int]) -> dict[int, Sequence[int]]:
        return {
            number % self._count: anywhere if number >= self._count else sorted(ends) for number, ends in found.items()
        }

    def _scratches(self) -> list[tuple[hyperscan.Database, hyperscan.Scratch]]:
        pairs: list[tuple[hyperscan.Database, hyperscan.Scratch]] | None = getattr(self._local, "pairs", None)
        if pairs is None:
            pairs = self._local.pairs = [(each, hyperscan.Scratch(each)) for each in self._databases]
        return pairs


def _database(patterns: Sequence[Pattern], first: int, folder: Path | None) -> hyperscan.Database:
    expressions = _expressions(patterns, first)
    if folder is None:
        return _forgiving(patterns, expressions)
    file = _file(patterns, first, folder)
    try:
        with _alone(folder):
            return _kept(file) or _made(patterns, expressions, file)
    except OSError:
        # Nothing can be kept there, so each start makes it anew.
        return _forgiving(patterns, expressions)


def _kept(file: Path) -> hyperscan.Database | None:
    try:
        return hyperscan.loadb(file.read_bytes(), hyperscan.HS_MODE_BLOCK)
    except (FileNotFoundError, hyperscan.error):
        return None  # not made yet, of another processor, or damaged


def _made(patterns: Sequence[Pattern], expressions: Mapping[int, str], file: Path) -> hyperscan.Database:
    database = _forgiving(patterns, expressions)
    _keep(file, hyperscan.dumpb(database))
    return database


def _file(patterns: Sequence[Pattern], first: int, folder: Path) -> Path:
    expressions = _expressions(patterns, first).values()
    key = "\0".join([version("hyperscan"), platform.machine(), f"{first} of {len(patterns)}", *expressions])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.hyperscan"


def _expressions(patterns: Sequence[Pattern], first: int) -> dict[int, str]:
    return {number: _expression(patterns[number]) for number in range(first, min(first + GROUP, len(patterns)))}


def _forgiving(patterns: Sequence[Pattern], expressions: Mapping[int, str]) -> hyperscan.Database:
    try:
        return _compiled(expressions)
    except hyperscan.error:
        possible = [_possible(patterns[number], number, len(patterns)) for number in expressions]
        return _compiled(dict(possible))


def _compiled(expressions: Mapping[int, str]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[each.encode() for each in expressions.values()],
        ids=list(expressions),
        elements=len(expressions),
        flags=[hyperscan.HS_FLAG_UTF8] * len(expressions),
    )
    return database


def _possible(pattern: Pattern, number: int, count: int) -> tuple[int, str]:
    """Its number is over the count if nothing is known of its matches."""
    for wide in (None, *WIDTHS):
        expression = _expression(pattern, wide)
        try:
            _compiled({number: expression})
        except hyperscan.error:
            continue
        return number, expression
    return number + count, ANY


def _expression(pattern: Pattern, wide: int | None = None) -> str:
    """Hyperscan knows no names of groups."""
    regex = (pattern.hint or pattern.regex).replace("(?P<v>", "(")
    if wide is None:
        wide = WIDER if len(regex) > LARGE else WIDE
    regex = REPEAT.sub(partial(_widened, wide), regex)
    return f"(?i){regex}" if pattern.ignore_case else regex


def _widened(wide: int, repeat: re.Match[str]) -> str:
    least, most = int(repeat[1]), (repeat[2] or "").removeprefix(",")
    if least <= wide and (repeat[2] is None or (most and int(most) <= wide)):
        return repeat[0]
    return f"{{{min(least, wide)},}}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Several workers start at once, and one of them is enough to compile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "hyperscan.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(file: Path, content: bytes) -> None:
    """Whole or not at all."""
    with NamedTemporaryFile(dir=file.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(file)
