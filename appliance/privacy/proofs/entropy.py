"""How much a value looks drawn by lot."""

from collections import Counter
from itertools import pairwise
from math import log2

_LEAST_SHARE = 0.72
"""Of the entropy that as many different letters could have."""
_LEAST_TURNS = 0.2
"""Between lower case, upper case and digits: words and names keep to one kind for long."""
_LEAST_TURNS_OF_LETTERS = 0.42


def shannon(text: str) -> float:
    """Bits for each character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())


def looks_random(text: str) -> bool:
    signs = [sign for sign in text if sign.isalnum()]
    if len(signs) < 8:
        return False
    kinds = [_kind(sign) for sign in signs]
    turns = sum(one != other for one, other in pairwise(kinds)) / (len(kinds) - 1)
    least = _LEAST_TURNS if "digit" in kinds else _LEAST_TURNS_OF_LETTERS
    alphabet = 16 if is_hexadecimal(text) else 64
    possible = log2(min(len(text), alphabet))
    return turns >= least and shannon(text) >= _LEAST_SHARE * possible


def is_hexadecimal(text: str) -> bool:
    return not set(text.lower()) - set("0123456789abcdef-")


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    return "upper" if sign.isupper() else "lower"
