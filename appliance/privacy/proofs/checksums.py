"""The check digits that a tenant may name for numbers of its own."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from appliance.privacy.proofs import checks
from appliance.privacy.proofs.checks import IS_VERHOEFF, digits
from appliance.privacy.scanning.pattern import Check

_WEIGHTS = re.compile(r"weights((?: [0-9]{1,3}){2,40}) mod ([0-9]{1,3})")


def checksum(name: str) -> Check | None:
    """`none`, `luhn`, `mod97`, `mod11`, `verhoeff`, or `weights 3 7 1 1 mod 10`: digit by digit from the left, the
    check digit included, the sum is divided by the last number without rest. ValueError: another name."""
    if name == "none":
        return None
    if name in NAMED:
        return NAMED[name]
    weights = _WEIGHTS.fullmatch(name)
    if weights is None or not int(weights[2]):
        raise ValueError(f"{name!r} is none of none, {', '.join(NAMED)} and `weights 3 7 1 mod 10`")
    return _weighted([int(each) for each in weights[1].split()], int(weights[2]))


def is_luhn(text: str) -> bool:
    return checks.is_luhn(digits(text))


def is_verhoeff(text: str) -> bool:
    return IS_VERHOEFF(digits(text))


def is_mod97(text: str) -> bool:
    """ISO 7064 MOD 97-10: letters count from 10, the whole leaves 1."""
    signs = [each for each in text.upper() if each.isascii() and each.isalnum()]
    return bool(signs) and int("".join(str(int(each, 36)) for each in signs)) % 97 == 1


def is_mod11(text: str) -> bool:
    """Weights 2 to 7 from the right, again and again; the check digit is last, X stands for ten."""
    signs = [each for each in text.upper() if each in "0123456789X"]
    if len(signs) < 2 or "X" in signs[:-1]:
        return False
    total = sum(int(each) * (2 + place % 6) for place, each in enumerate(reversed(signs[:-1])))
    return (total + (10 if signs[-1] == "X" else int(signs[-1]))) % 11 == 0


def _weighted(weights: Sequence[int], modulus: int) -> Check:
    def check(text: str) -> bool:
        number = digits(text)
        if len(number) != len(weights):
            return False
        return sum(int(each) * weight for each, weight in zip(number, weights, strict=True)) % modulus == 0

    return check


NAMED: Mapping[str, Check] = MappingProxyType(
    {"luhn": is_luhn, "mod97": is_mod97, "mod11": is_mod11, "verhoeff": is_verhoeff}
)
