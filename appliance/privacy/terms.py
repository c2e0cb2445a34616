"""Values that are known: found wherever they stand as whole words, in any case and with any blanks."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from appliance.privacy.span import Span

WORD = re.compile(r"\w+")
GAP = 12
"""Characters that may stand between two words of a value: blanks, an end of a line,"""
MARKS = 2
"""and of them such as are none, as in `Keller, Maria`."""
FEW = 50
"""First words up to which it is worth asking for each whether it occurs at all."""


class Word(NamedTuple):
    text: str
    start: int
    end: int


class Terms:
    """One linear pass over the words of a text, however many values there are."""

    def __init__(self, types: Mapping[str, str], recognizer: str) -> None:
        self._recognizer = recognizer
        self._values: dict[tuple[str, ...], tuple[str, str]] = {}
        lengths: dict[str, set[int]] = {}
        for value, kind in types.items():
            words = tuple(each.casefold() for each in WORD.findall(value))
            if _tells(words):
                self._values[words] = (value, kind)
                lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {first: sorted(each, reverse=True) for first, each in lengths.items()}

    def find(self, text: str) -> Iterator[Span]:
        if len(self._lengths) <= FEW:
            folded = text.casefold()
            if not any(first in folded for first in self._lengths):
                return
        words = [Word(each[0].casefold(), each.start(), each.end()) for each in WORD.finditer(text)]
        for at, word in enumerate(words):
            for length in self._lengths.get(word.text, ()):
                here = words[at : at + length]
                known = self._values.get(tuple(each.text for each in here))
                if known and all(_together(text, before, after) for before, after in pairwise(here)):
                    yield self._span(text, here, *known)
                    break

    def _span(self, text: str, words: list[Word], value: str, kind: str) -> Span:
        """With the signs that belong to the value, such as the `+` of a number."""
        start, end = words[0].start, words[-1].end
        value = value.strip()
        before, behind = _signs(value), _signs(value[::-1])[::-1]
        if before and text.endswith(before, 0, start):
            start -= len(before)
        if behind and text.startswith(behind, end):
            end += len(behind)
        return Span(start, end, kind, 1.0, self._recognizer)


def _signs(value: str) -> str:
    first = WORD.search(value)
    return value[: first.start()] if first else ""


def _tells(words: tuple[str, ...]) -> bool:
    """A letter or a short number would be found everywhere."""
    value = "".join(words)
    return len(value) >= (4 if value.isdigit() else 2)


def _together(text: str, before: Word, after: Word) -> bool:
    between = text[before.end : after.start]
    return len(between) <= GAP and len(between.strip()) <= MARKS
