"""What was found in one place of a text and stands in others, where nothing names it: the host of a prompt in the
output below, a password in the answer to the one who asked for it."""

from collections.abc import Iterable, Iterator

from appliance.privacy.span import Span

TYPES = frozenset(
    """
    HOSTNAME USERNAME SERIAL_NUMBER CIRCUIT_ID ACCOUNT_ID CUSTOMER_ID CONTRACT_ID INVOICE_ID TICKET_ID SSID WIFI_KEY
    SNMP_COMMUNITY PASSWORD PASSWORD_HASH API_KEY TOKEN SECRET IMEI IMSI ICCID MSISDN
    """.split()  # noqa: SIM905 - easier to read
)
SHORTEST = 6
SHORTEST_NUMBER = 8
JOINTS = ("_", "/")
"""What stands beside a part of something longer: `ethernet1/1`."""
MOST = 10_000_000
"""Characters that may be compared. A text that takes more is nothing but values, each of which is named."""
SURELY = 0.75
RECOGNIZER = "echo"


def echoes(text: str, found: Iterable[Span]) -> Iterator[Span]:
    values: dict[str, Span] = {}
    known: dict[str, set[int]] = {}
    for each in found:
        if each.type in TYPES and each.score >= SURELY and is_distinct(value := text[each.start : each.end]):
            values.setdefault(value, each)
            known.setdefault(value, set()).add(each.start)
    left = MOST
    for value, span in values.items():
        left -= len(text)
        if left < 0:
            return
        if text.count(value) == len(known[value]):
            continue
        at = text.find(value)
        while at >= 0:
            end = at + len(value)
            if at not in known[value] and _is_whole(text, at, end):
                yield Span(at, end, span.type, span.score, RECOGNIZER)
            at = text.find(value, end)


def is_distinct(value: str) -> bool:
    """No word of a language, and no small number."""
    if value.isdecimal():
        return len(value) >= SHORTEST_NUMBER
    is_mixed = any(map(str.isdecimal, value)) or (any(sign in value for sign in "-_.@!#$%") and not value.islower())
    return len(value) >= SHORTEST and is_mixed


def _is_whole(text: str, start: int, end: int) -> bool:
    before, behind = text[max(0, start - 1) : start], text[end : end + 1]
    return not (before.isalnum() or behind.isalnum() or before in JOINTS or behind in JOINTS)
