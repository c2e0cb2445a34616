"""Which strings are addresses of a network or of an interface, and not versions, masks, times or fingerprints."""

import re
from ipaddress import AddressValueError, IPv6Address

_ZEROS = "0" * 12
_JOINTS = dict.fromkeys(map(ord, ":-. "))


def is_ipv4(text: str) -> bool | None:
    """What stands before or behind an address and makes it a version is part of the text."""
    bare = text.replace("[.]", ".").replace("(.)", ".")
    host, _, length = bare.partition("/")
    try:
        octets = bytes(map(int, host.split(".")))
    except ValueError:  # one over 255, or none
        return False
    if len(octets) != 4 or (length and int(length) > 32):
        return False
    return False if octets[0] in (0, 127) or (octets[0] == 255 and _is_mask(octets)) else None


def _is_mask(octets: bytes) -> bool:
    """255.255.240.0; that its inverse begins with 0 is known before."""
    value = int.from_bytes(octets, "big") ^ 0xFFFFFFFF
    return value & (value + 1) == 0


def is_ipv6(text: str) -> bool | None:
    host, _, length = text.partition("/")
    host, _, _zone = host.partition("%")
    if host.count(":") < 2 or not re.search("[0-9]", host) or (length and int(length) > 128):
        return False
    groups = host.split(":")
    if all(len(group) == 2 for group in groups):
        return False  # an EUI-64, or seconds of a day
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return False
    return None if int(address) > 1 else False


def is_mac(text: str) -> bool | None:
    """EUI-48, EUI-64, and both with the hardware type in front that DHCP writes; no fingerprint, no UUID."""
    digits = text.lower().translate(_JOINTS).removeprefix("0x")
    if digits[:12] in (_ZEROS, "f" * 12):
        return False
    if len(digits) in (12, 16):
        return None
    named = digits.startswith("01") and len(digits) == 14
    duid = digits.startswith(("0001", "0003")) and len(digits) in (20, 28)
    return None if named or duid else False


def is_dashed_mac(text: str) -> bool | None:
    """`xxxx-xxxx-xxxx`, `xxxxxx-xxxxxx` and `xxxxxx.xxxxxx`, of which words and dates have the form too."""
    groups = [len(group) for group in re.split("[.-]", text)]
    if groups not in ([4, 4, 4], [6, 6]) or not re.search("[0-9]", text) or not re.search("[A-Fa-f]", text):
        return False
    return is_mac(text)


def holds_ipv4(text: str) -> bool | None:
    """A host name made of an address: `81-2-69-142.dsl.example`."""
    found = re.search(r"(?<![0-9])([0-9]{1,3})[-.x_]([0-9]{1,3})[-.x_]([0-9]{1,3})[-.x_]([0-9]{1,3})(?![0-9])", text)
    return None if found and all(int(part) <= 255 for part in found.groups()) else False


def is_short_mac(text: str) -> bool | None:
    """As SNMP prints it, without zeros in front; all digits would be a time."""
    return None if any(map(str.isalpha, text)) and min(map(len, text.split(":"))) == 1 else False
