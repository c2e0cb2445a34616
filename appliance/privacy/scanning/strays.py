"""Values that also stand where no detector saw them: what was found once is masked wherever it stands.

A detector may know a name by the words before it in one message and not know it in the next.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from appliance.errors import TooLarge
from appliance.privacy.span import Span

Strays = Sequence[tuple[str, str]]
"""Values with their types, long ones first."""

LEAST_LETTERS = 4
"""A shorter value is masked where it was found, and nowhere else."""
# Characters to compare: below the first it is not worth to think, above the second the request is refused.
LITTLE_WORK = 1_000_000
MOST_WORK = 500_000_000

_WORD = re.compile(r"\w+")
_BLANKS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


def strays(values: Mapping[str, str], clear: Sequence[str]) -> Strays:
    """Of these values, those that stand in the texts that are about to leave as they are."""
    text = "\0".join(clear)
    lowered = text.lower()
    candidates = [each for each in values.items() if len(each[0]) >= LEAST_LETTERS]
    if len(candidates) * len(text) > LITTLE_WORK:
        words = set(_words(lowered))
        candidates = [each for each in candidates if words.issuperset(_words(each[0].lower()))]
        if len(candidates) * len(text) > MOST_WORK:
            raise TooLarge("The request holds too many personal values to check it in time. Send fewer at once.")
    found = [each for each in candidates if _needle(each[0]) in (text if each[0].isalpha() else lowered)]
    return sorted(found, key=lambda stray: -len(stray[0]))


def with_strays(text: str, spans: Sequence[Span], known: Strays) -> Sequence[Span]:
    """The spans of a text, and those that its strays make. A stray stands alone: it is no part of a longer word."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    taken = list(spans)
    for value, kind in known:
        needle, hay = _needle(value), text if value.isalpha() else lowered
        at = hay.find(needle)
        while at >= 0:
            end = at + len(needle)
            place = bisect_left(taken, end, key=lambda span: span.start)
            free = (not place or taken[place - 1].end <= at) and not _inside_word(text, at, end)
            if free:
                taken.insert(place, Span(at, end, kind, 1.0, "seen"))
            at = hay.find(needle, end if free else at + 1)
    return taken


def stands_in(value: str, text: str) -> bool:
    """Whether it stands there as it is, and as no part of a longer word."""
    at = text.find(value)
    while at >= 0 and _inside_word(text, at, at + len(value)):
        at = text.find(value, at + 1)
    return at >= 0


def _words(text: str) -> list[str]:
    # The same twice; ASCII needs a fifth of the time.
    return text.translate(_BLANKS).split() if text.isascii() else _WORD.findall(text)


def _needle(value: str) -> str:
    """In any case; but `Will` is a name and `will` is none."""
    return value if value.isalpha() else value.lower()


def _inside_word(text: str, start: int, end: int) -> bool:
    return (start > 0 and text[start - 1].isalnum() and text[start].isalnum()) or (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )
