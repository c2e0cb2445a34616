"""One address is one find: its street, its postcode and its town stand side by side."""

import re
from collections.abc import Iterable

from appliance.privacy.span import Span

PARTS = frozenset({"ADDRESS", "LOCATION", "UK_POSTCODE", "CA_POSTAL_CODE"})
BETWEEN = re.compile(r"[ \t]{0,2}[,;]?[ \t]{0,2}\n?[ \t]{0,4}(?:[A-ZÀ-Þ][\w'. -]{1,30},[ \n]{0,2})?")
"""A comma, a line end, or a town between the street and the postcode."""


def joined(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order; only what follows a street joins it."""
    whole: list[Span] = []
    for each in spans:
        last = whole[-1] if whole else None
        if last and last.type == "ADDRESS" and each.type in PARTS and BETWEEN.fullmatch(text, last.end, each.start):
            whole[-1] = Span(last.start, each.end, last.type, last.score, last.recognizer)
        else:
            whole.append(each)
    return tuple(whole)
