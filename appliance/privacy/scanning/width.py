"""How long a match of a regular expression can be."""

import re
from re import _parser  # type: ignore[attr-defined]

ENDLESS = 1 << 30


def longest(regex: str) -> int:
    """In characters; where re2 and Python read it differently, or no bound is set, it is endless."""
    if "{," in regex or "[[" in regex:
        return ENDLESS
    try:
        widest: int = _parser.parse(regex, re.ASCII).getwidth()[1]
    except (re.error, OverflowError):
        return ENDLESS
    return min(widest, ENDLESS)
