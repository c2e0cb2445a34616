"""Every pattern in one linear pass over a text, with exact spans.

The prefilter says which patterns can be found at all; re2 finds where, walking once over the text for each of them.
Both take time in proportion to the text, whatever it holds, and who is out of time refuses: nothing is ever skipped.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import thread_time
from typing import NamedTuple

import re2  # type: ignore[import-untyped]
from msgspec import structs

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.scanning.context import BEFORE, NEARER, Vicinity, first_words, hint, openers, phrases
from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.prefilter import Prefilter
from appliance.privacy.scanning.width import longest
from appliance.privacy.span import Span

MEMORY = 8 << 20
"""What re2 may keep of the automaton of one pattern."""
PART = 100_000
STEPS = 8
"""So often the clock is asked: many steps take no longer than its answer."""


Search = Callable[[bytes, int, int], Sequence[tuple[int, int]]]
"""The first match between two places, and what its groups are; (-1, -1) for what is none."""


class Recognizer(NamedTuple):
    """A pattern that is ready for use."""

    pattern: Pattern
    search: Search
    group: int
    context: frozenset[bytes]
    floor: float
    """Finds that are less sure are none."""
    needs_context: bool
    longest: int
    """Characters of its longest match."""


class _Deadline:
    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._at = clock() + seconds
        self._steps = 0

    def hold(self) -> None:
        self._steps += 1
        if self._steps % STEPS == 0:
            self.check()

    def check(self) -> None:
        if self._clock() > self._at:
            raise PrivacyUnavailable("The text took too long to check. Send it in shorter parts.")


def no_floor(_type: str) -> float:
    return 0.0


class Scanner:
    """May be used by several threads."""

    def __init__(
        self,
        patterns: Sequence[Pattern],
        *,
        deadline_seconds: float,
        floor: Callable[[str], float] = no_floor,
        clock: Callable[[], float] = thread_time,
    ) -> None:
        """The deadline is for each 100,000 characters that a text begins, in time of the processor: a busy machine is
        no reason to refuse. Finds below the floor of their type are
        left out, and not looked for where no word of their context stands."""
        self._contexts = [phrases(each.context) for each in patterns]
        self._floors = [floor(each.type) for each in patterns]
        self._patterns = [
            structs.replace(each, hint=hint(context)) if each.words_first and _needs_context(each, least) else each
            for each, context, least in zip(patterns, self._contexts, self._floors, strict=True)
        ]
        self._needed = {
            number: first_words(self._contexts[number])
            for number, each in enumerate(patterns)
            if _needs_context(each, self._floors[number]) and not each.words_first
        }
        self._openers = openers(self._contexts)
        # Compiled when the first text asks for it: all at once would take a third of a second at the start.
        self._recognizers: dict[int, Recognizer] = {}
        self._seconds = deadline_seconds
        self._clock = clock
        self._prefilter: Prefilter | None = None

    def prepare(self, folder: Path | None = None) -> None:
        """Build the prefilter, which takes seconds the first time; until then each pattern is tried in turn, with the
        same finds."""
        self._prefilter = Prefilter.load(self._patterns, folder)

    def is_prepared(self, folder: Path) -> bool:
        """Whether `prepare` would take little time."""
        return Prefilter.is_kept(self._patterns, folder)

    def close(self) -> None:
        """Free the automata, which take 50 MB, and not only when Python finds out that nobody needs them."""
        self._prefilter = None
        self._recognizers = {}

    def scan(self, text: str) -> list[Span]:
        deadline = _Deadline(self._clock, self._seconds * (1 + max(len(text) - 1, 0) // PART))
        data = text.encode("utf-8", "replace")
        vicinity = Vicinity(text, data, self._openers)
        found: list[Span] = []
        for number, ends in self._ends(data).items():
            deadline.hold()
            needed = self._needed.get(number)
            if needed is None or vicinity.mentions(needed):
                found += _walk(self._recognizer(number), data, vicinity, ends, deadline.hold)
        deadline.check()
        found.sort()
        return found if len(data) == len(text) else _in_characters(data, found)

    def _recognizer(self, number: int) -> Recognizer:
        known = self._recognizers.get(number)
        if known is None:
            pattern = self._patterns[number]
            known = _recognizer(pattern, self._contexts[number], self._floors[number])
            self._recognizers[number] = known
        return known

    def _ends(self, data: bytes) -> Mapping[int, Sequence[int]]:
        """The patterns that may be found, each with where its matches may end."""
        if self._prefilter:
            return self._prefilter.ends(data)
        return dict.fromkeys(range(len(self._patterns)), range(len(data) + 1))


def _needs_context(pattern: Pattern, floor: float) -> bool:
    return pattern.score < floor and not pattern.proves and (pattern.check is None or bool(pattern.context))


def _recognizer(pattern: Pattern, context: frozenset[bytes], floor: float) -> Recognizer:
    options = re2.Options()
    options.case_sensitive = not pattern.ignore_case
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        regex = re2.compile(pattern.regex, options)
    except re2.error as error:
        raise ConfigError(f"The regex of the pattern {pattern.name} is wrong: {error}. Correct it.") from error
    # What `regex.search` does, without the objects around it, which take three times as long as the search.
    search = partial(regex._regexp.Match, re2._Anchor.UNANCHORED)
    return Recognizer(
        pattern,
        search,
        regex.groupindex.get("v", 0),
        context if pattern.score < pattern.lifted else frozenset(),
        floor,
        _needs_context(pattern, floor),
        longest(pattern.regex),
    )


def _walk(
    recognizer: Recognizer, data: bytes, vicinity: Vicinity, ends: Sequence[int], hold: Callable[[], None]
) -> Iterator[Span]:
    """The matches of one pattern, from left to right."""
    pattern, search, group, *_ = recognizer
    near = BEFORE if recognizer.needs_context and pattern.words_first else 0
    reach = recognizer.longest * vicinity.widest + near
    last = min(ends[-1] + reach, len(data)) if pattern.hint else ends[-1]
    is_anywhere = len(ends) > len(data)
    position = 0
    while position < len(data):
        at = position
        if not is_anywhere:
            following = bisect_right(ends, position - near)
            if following == len(ends):
                return
            at = max(position, ends[following] - reach)
        groups = search(data, at, last)
        (begin, stop), (start, end) = groups[0], groups[group]
        if begin < 0:
            return
        hold()
        if start < 0:
            position = max(stop, position + 1)
            continue
        score = _score(recognizer, data, vicinity, start, end)
        if score is None or end <= start:
            # A rejected value may itself begin the next match: `password: secret: x`.
            position = max(start, begin + 1, position + 1)
            continue
        position = end
        if score >= recognizer.floor:
            yield Span(start, end, pattern.type, score, pattern.name)


def _score(recognizer: Recognizer, data: bytes, vicinity: Vicinity, start: int, end: int) -> float | None:
    """None: it is nothing. Where a word nearby is needed it is asked for first: that is quicker than most checks."""
    pattern, context = recognizer.pattern, recognizer.context
    if recognizer.needs_context and vicinity.distance(context, start, end) is None:
        return None
    if pattern.check:
        verdict = pattern.check(data[start:end].decode())
        if verdict is not None:
            return 1.0 if verdict else None
    distance = vicinity.distance(context, start, end) if context else None
    return pattern.score if distance is None else max(pattern.score, pattern.lifted - NEARER * distance)


def _in_characters(data: bytes, found: Sequence[Span]) -> list[Span]:
    """Each stretch of the text is decoded once."""
    characters, byte, character = {}, 0, 0
    for bound in sorted({bound for each in found for bound in (each.start, each.end)}):
        character += len(data[byte:bound].decode())
        byte = bound
        characters[bound] = character
    return [
        Span(characters[each.start], characters[each.end], each.type, each.score, each.recognizer) for each in found
    ]
