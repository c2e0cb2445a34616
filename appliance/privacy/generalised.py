"""Less of a value: enough to be useful, too little to be somebody. None where that cannot be told."""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Interface, ip_interface, ip_network
from types import MappingProxyType

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_POSTAL_CODE_AND_CITY = re.compile(r"(?<![\w])(?:[A-Z]{1,2}-)?\d{4,5}[ \t]+([^\W\d_][^\d,;\n]{1,40})")
_DEGREES = re.compile(r"-?\d{1,3}\.\d{2,}")


def generalised(kind: str, value: str) -> str | None:
    less = _BY_KIND.get(kind)
    return less(value) if less else None


def _network(value: str) -> str | None:
    """None for a larger network: nothing of it would be left out."""
    try:
        given = ip_interface(value.partition("%")[0])
    except ValueError:
        return None
    most = 24 if isinstance(given, IPv4Interface) else 48
    return str(ip_network((given.ip, most), strict=False)) if given.network.prefixlen >= most else None


def _year(value: str) -> str | None:
    found = _YEAR.search(value)
    return found[0] if found else None


def _city(value: str) -> str | None:
    """What follows a postal code. Streets and house numbers never stand there."""
    found = _POSTAL_CODE_AND_CITY.search(value)
    return found[1].strip() if found else None


def _domain(value: str) -> str | None:
    name, _, domain = value.rpartition("@")
    return f"@{domain}" if name else None


def _region(value: str) -> str | None:
    """About 11 km."""
    degrees = _DEGREES.findall(value)
    return ", ".join(f"{float(each):.1f}" for each in degrees) if len(degrees) == 2 else None


_BY_KIND: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "IP_ADDRESS": _network,
        "DATE_OF_BIRTH": _year,
        "ADDRESS": _city,
        "EMAIL_ADDRESS": _domain,
        "GPS": _region,
    }
)
