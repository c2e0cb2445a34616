"""Finds of the model that are none: plain words, products, numbers that tell nothing."""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from appliance.privacy.people.gate import Gate
from appliance.privacy.people.introductions import PARTICLES
from appliance.privacy.span import Span

TRIMMED = ("PERSON", "LOCATION")
PLACES = ("ADDRESS", "LOCATION")
SHORTEST_POSTCODE = 4
NEAR = 24
MONTHS = frozenset({"april", "august", "july", "june", "march", "may"})
WORD = re.compile(r"[^\W\d_]+")
LAST_WORD = re.compile(r"([^\W\d_]{1,40})[ \t!-]{1,3}\Z")
# The number itself is written as #.
PART_OF_NUMBER = re.compile(r"\w[.:/_-]?#|#[.:/_-]?\w")
PRODUCT = re.compile(r"!\w|[ -](?:[A-Z]{1,4}-?\d{1,5}|\d{3,5})[A-Za-z]{0,3}\b")
"""What follows Archer or Fritz where they are nobody."""
LOOK_BACK = 48
IDENTIFIER = re.compile(r"(?!(?:Mc|Mac|De|Di|Da|La|Le|Van|Von|Fitz)[A-Z])\w*(?:[a-z][A-Z]|[A-Z]{2}[a-z])")
"""As programs name things: `apiToken`, `WANDevice`."""
JOINED_BEFORE = re.compile(r"(?:_|::|\w\.)\Z")
JOINED_BEHIND = re.compile(r"[_=]|::")
KEY_END = re.compile(r"\"[ \t]?:")
POSTAL = re.compile(
    r"(?i)\b(?:zip|post(?:al|code|leitzahl|nummer|nr)?|plz|codice|c[oó]digo|code|kod|cap|cp|cep)\b[^\w\n]{0,3}(?:\w+[^\w\n]{1,3})?\Z"
)
"""What stands before a postcode that stands alone."""


class Doubts:
    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def settled(self, text: str, spans: Sequence[Span]) -> list[Span]:
        """The finds that hold, without plain words at their edges."""
        trimmed = [self._trimmed(text, span) for span in spans]
        sound = [span for span in trimmed if self._is_sound(text, span)]
        lone = _lone_numbers(text, [span for span in sound if span.type in PLACES])
        return [span for span in sound if span not in lone]

    def _trimmed(self, text: str, span: Span) -> Span:
        if span.type not in TRIMMED:
            return span
        words = list(WORD.finditer(text, span.start, span.end))
        has_capital = any(word[0][0].isupper() for word in words)
        is_name = [not self._is_superfluous(word[0], has_capital) for word in words]
        if all(is_name) or not any(is_name):
            return span
        first, last = is_name.index(True), len(words) - 1 - is_name[::-1].index(True)
        start = span.start if first == 0 else words[first].start()
        return replace(span, start=start, end=span.end if last == len(words) - 1 else words[last].end())

    def _is_superfluous(self, word: str, has_capital: bool) -> bool:
        """In a text without capitals `dustin case` may well be called so."""
        if word in PARTICLES:
            return False
        return self._gate.is_common(word) or (has_capital and word.islower() and self._gate.is_plain(word))

    def _is_sound(self, text: str, span: Span) -> bool:
        value = text[span.start : span.end]
        words = WORD.findall(value)
        if span.type in TRIMMED and _is_identifier(text, span):
            return False
        if span.type == "PERSON":
            is_product = len(words) == 1 and PRODUCT.match(text, span.end)
            return not is_product and not all(map(self._is_thing, words))
        if span.type not in PLACES:
            return True
        if span.type == "LOCATION" and value.lower() in MONTHS:
            return False
        if any(map(self._gate.is_brand, words)) or self._follows_brand(text, span):
            return False
        if words:
            is_address = span.type == "ADDRESS" and (
                len(words) > 1 or (_digits(value) > 0 and (not words[0].islower() or text.islower()))
            )
            # A state may be written like a plain word, but not in small letters.
            is_state = span.type == "LOCATION" and not value.islower() and _digits(value) == 0
            return is_address or is_state or not all(map(self._gate.is_plain, words))
        if span.type == "LOCATION" and _digits(value) < SHORTEST_POSTCODE:
            return False
        return not PART_OF_NUMBER.search(text[max(0, span.start - 2) : span.start] + "#" + text[span.end :][:2])

    def _is_thing(self, word: str) -> bool:
        return self._gate.is_plain(word) or self._gate.is_brand(word)

    def _follows_brand(self, text: str, span: Span) -> bool:
        """As the number of a model does."""
        if not text[span.start].isdigit():
            return False
        before = LAST_WORD.search(text, max(0, span.start - LOOK_BACK), span.start)
        return before is not None and self._gate.is_brand(before[1])


def _is_identifier(text: str, span: Span) -> bool:
    """Of a program or a file: the name of a variable, a key of JSON, a part of either."""
    return bool(
        IDENTIFIER.match(text[span.start : span.end])
        or JOINED_BEFORE.search(text, max(0, span.start - 2), span.start)
        or JOINED_BEHIND.match(text, span.end)
        or (text[span.start].islower() and KEY_END.match(text, span.end))
    )


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def _lone_numbers(text: str, places: Sequence[Span]) -> set[Span]:
    """The number of a house tells nothing without a street or a city beside it, and a short postcode little."""
    if not places:
        return set()
    gaps = [False, *(_is_beside(text, one.end, other.start) for one, other in pairwise(places)), False]
    return {
        span
        for span, (before, behind) in zip(places, pairwise(gaps), strict=True)
        if not before and not behind and _tells_little(text, span)
    }


def _is_beside(text: str, start: int, end: int) -> bool:
    return end - start <= NEAR and not WORD.search(text, start, end)


def _tells_little(text: str, span: Span) -> bool:
    if any(map(str.isalpha, text[span.start : span.end])):
        return False
    return span.type == "ADDRESS" or not POSTAL.search(text, max(0, span.start - NEAR), span.start)
