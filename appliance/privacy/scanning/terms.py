"""Values that are known: found wherever they stand as whole words, in any case, with any accents and blanks.

Numbers are found with whatever stands between their digits; parts of a value, such as a surname, where they are
written like a name.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from appliance.errors import PrivacyUnavailable
from appliance.privacy.span import Span

WORD = re.compile(r"[^\W_]+")
GAP = 12
"""Characters that may stand between two words of a value: blanks, an end of a line,"""
MARKS = 2
"""and of them such as are none, as in `Keller, Maria`."""
FEW = 50
"""First words up to which it is worth asking for each whether it occurs at all."""
SPARE_STEPS = 50_000
STEPS_PER_WORD = 4
"""What comparing values with the words of a text may take; a text on which it takes more was made for that."""
NOTHING: Mapping[str, str] = MappingProxyType({})

_ACCENT = re.compile("[\u0300-\u036f]")
_NOT_IN_NUMBERS = re.compile(r"[\W_]+")
_NO_ACCENT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe"})


class Word(NamedTuple):
    text: str
    start: int
    end: int


class Known(NamedTuple):
    value: str
    kind: str
    is_part: bool = False


class Terms:
    """One linear pass over the words of a text, however many values there are."""

    def __init__(
        self,
        values: Mapping[str, str],
        recognizer: str,
        *,
        parts: Mapping[str, str] = NOTHING,
        numbers: Mapping[str, str] = NOTHING,
    ) -> None:
        """Each with its type; `numbers` are values of which only letters and digits count."""
        self._recognizer = recognizer
        self._values: dict[tuple[str, ...], Known] = {}
        lengths: dict[str, set[int]] = {}
        for given, is_part in ((values, False), (parts, True)):
            for value, kind in given.items():
                words = tuple(folded(each) for each in WORD.findall(unicodedata.normalize("NFC", value)))
                if tells(value):
                    self._values.setdefault(words, Known(value, kind, is_part))
                    lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {first: sorted(each, reverse=True) for first, each in lengths.items()}
        self._numbers = {bare(value): Known(value, kind) for value, kind in numbers.items() if tells(value)}
        self._beginnings = {number[:end] for number in self._numbers for end in range(1, len(number) + 1)}

    def find(self, text: str) -> Iterator[Span]:
        if not self._may_stand_in(text):
            return
        words = [Word(folded(each[0]), each.start(), each.end()) for each in WORD.finditer(text)]
        # Who writes no capitals at all writes names without them, too.
        is_small = text.islower()
        steps = SPARE_STEPS + STEPS_PER_WORD * len(words)
        for at, word in enumerate(words):
            for length in self._lengths.get(word.text, ()):
                steps -= length
                here = words[at : at + length]
                known = self._values.get(tuple(each.text for each in here))
                if known is None or not all(_together(text, before, after) for before, after in pairwise(here)):
                    continue
                if known.is_part and text[word.start].islower() and not is_small:
                    continue
                yield self._span(text, here, known)
                break
            if word.text in self._beginnings:
                longest, tried = self._number(text, words, at)
                steps -= tried
                if longest:
                    yield longest
            if steps < 0:
                raise PrivacyUnavailable(
                    "A text nearly repeats known values too often to be searched in time. Send it in pieces."
                )

    def _may_stand_in(self, text: str) -> bool:
        if not self._lengths and not self._numbers:
            return False
        if len(self._lengths) + len(self._numbers) > FEW:
            return True
        plain = folded(text)
        if any(first in plain for first in self._lengths):
            return True
        if not self._numbers:
            return False
        plain = _NOT_IN_NUMBERS.sub("", plain)
        return any(number in plain for number in self._numbers)

    def _number(self, text: str, words: list[Word], at: int) -> tuple[Span | None, int]:
        """The longest that begins with this word, and how many words that took."""
        number, longest, end = "", None, at
        for end in range(at, len(words)):
            number += words[end].text
            if number not in self._beginnings or (end > at and not _together(text, words[end - 1], words[end])):
                break
            if number in self._numbers:
                longest = end, self._numbers[number]
        return self._span(text, words[at : longest[0] + 1], longest[1]) if longest else None, end - at

    def _span(self, text: str, words: list[Word], known: Known) -> Span:
        """With the signs that belong to the value, such as the `+` of a number."""
        start, end = words[0].start, words[-1].end
        value = known.value.strip()
        before, behind = _signs(value), _signs(value[::-1])[::-1]
        if before and text.endswith(before, 0, start):
            start -= len(before)
        if behind and text.startswith(behind, end):
            end += len(behind)
        return Span(start, end, known.kind, 1.0, self._recognizer)


def folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return _ACCENT.sub("", unicodedata.normalize("NFKD", text)).casefold().translate(_NO_ACCENT)


def bare(value: str) -> str:
    """Its letters and digits only."""
    return _NOT_IN_NUMBERS.sub("", folded(value))


def tells(value: str) -> bool:
    """A letter or a short number would be found everywhere."""
    text = bare(value)
    return len(text) >= (4 if text.isdigit() else 2)


def _signs(value: str) -> str:
    first = WORD.search(value)
    return value[: first.start()] if first else ""


def _together(text: str, before: Word, after: Word) -> bool:
    between = text[before.end : after.start]
    return len(between) <= GAP and len(between.strip()) <= MARKS
