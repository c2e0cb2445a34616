"""Which strings can be serial numbers of network equipment."""

import re

_ADDRESS = re.compile(
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,3}|(?:[0-9A-Fa-f]{4}[.-]){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"
)
"""Versions, addresses of both kinds."""


def is_serial(text: str) -> bool | None:
    """What follows the label: with digits, not the serial of a zone, not a date, not an interface."""
    digits = sum(map(str.isdecimal, text))
    least = 1 if len(text) >= 10 and text.isupper() else 2
    if digits < least or len(text) < 5 or text.count("/") > 1 or re.fullmatch(r"20[0-9]{8}|[0-9]+/[0-9]+", text):
        return False
    if _ADDRESS.fullmatch(text):
        return False
    return False if re.fullmatch(r"(?:19|20)[0-9]{2}[-/][0-9]{2}[-/][0-9]{2}", text) else None


def is_hex_serial(text: str) -> bool | None:
    """G.984.3 in hexadecimal: four capital letters of the vendor, then four bytes."""
    letters = bytes.fromhex(text[-16:-8]).decode("ascii")
    return None if letters.isupper() and letters.isalpha() else False


def is_chassis_serial(text: str) -> bool | None:
    """Cisco and those who copied it: the site, the year, the week 01 to 53, four more; then Huawei's two forms."""
    if text[2].isalpha() and text[:3].isalpha():
        return None if 1 <= int(text[5:7]) <= 53 else False
    return None


def is_device_id(text: str) -> bool | None:
    """Of TR-069: six signs of the maker, its class, its serial number."""
    maker, *_, serial = text.split("-")
    return None if len(maker) == 6 and any(map(str.isdecimal, serial)) else False


def is_asked_serial(text: str) -> bool | None:
    """Where only a line above names it: letters and digits, and many."""
    is_mixed = any(map(str.isdecimal, text)) and any(map(str.isupper, text))
    return (
        is_serial(text) if len(text) >= 8 and is_mixed and text.isalnum() and not any(map(str.islower, text)) else False
    )
