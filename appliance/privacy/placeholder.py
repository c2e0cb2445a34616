"""Placeholders: `<PERSON_7F3A21>`, a type and a keyed digest of the value. No counter, so no turn restores another's.

Six digits: among a hundred values of one request two would share them once in 3,000 requests. A digest is a function
of the value alone, so every turn and every worker of a tenant comes to the same; only in such a collision the later
value takes two more digits, and since a conversation only grows at its end, it takes the same ones in every turn.

Spellings of one value share its placeholder where that is safe (see `normalised`). It restores to the newest
spelling of those who may see it.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from hashlib import blake2b
from ipaddress import ip_address

from msgspec import Struct

from appliance.errors import PrivacyUnavailable

LITERAL = "LITERAL"
"""The type of a text that looks like a placeholder and is none."""
DIGITS = 6
MOST_DIGITS = 16
MOST_LETTERS = 48
LEAST_NATIONAL = 8
LONGEST_COUNTRY_CODE = 3

_NUMBERS = {"CREDIT_CARD", "IBAN_CODE", "BANK_ACCOUNT", "IMEI", "IMSI", "ICCID", "NATIONAL_ID"}
_NATIONAL = re.compile(r"[A-Z]{2}_")
_PHONES = {"PHONE_NUMBER", "MSISDN"}
_WORDS = {"PERSON", "LOCATION", "ADDRESS", "ORGANIZATION"}
_FILL = re.compile(r"[\s.\-]+")
_NOT_DIGITS = re.compile(r"\D+")
_NOT_HEX = re.compile(r"[^0-9a-f]+")
_NOT_IN_TYPES = re.compile(r"[^A-Z0-9]+")


class Reach(IntEnum):
    """Where a value may come back: it depends on who brought it into the conversation."""

    NOWHERE = 0
    CALLS = 1
    """In calls of tools, not in text that is shown."""
    ANYWHERE = 2


class Secret(Struct):
    kind: str
    digest: str
    value: str
    """In its newest spelling, of those who may see it."""
    reach: Reach
    sent: bool = True
    """Whether this request holds it; else it is known from an earlier one."""
    kept: bool = False
    """Whether it is stored as it is here."""

    @property
    def placeholder(self) -> str:
        return f"<{self.kind}_{self.digest}>"


class Placeholders:
    """Which placeholder stands for which value in one request."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._by_value: dict[tuple[str, str], Secret] = {}
        self._phones: dict[tuple[str, str], list[tuple[str, Secret]]] = {}
        self._by_spelling: dict[tuple[str, str], Secret] = {}
        self._by_digest: dict[str, Secret] = {}
        self._spelled: dict[str, str] = {}
        self._compared: set[str] = set()
        self.kinds: tuple[str, ...] = ()
        """Each type in use as it is compared: lower-case letters and digits."""
        self.beginnings: set[str] = set()
        """All that such a type begins with."""

    def __len__(self) -> int:
        return len(self._by_value)

    def issue(self, kind: str, value: str, reach: Reach) -> Secret:
        """The placeholder of a value; the newest spelling of those who reach farthest is what it restores to."""
        known = self._by_spelling.get((kind, value))
        if known is None:
            known = self._by_spelling[kind, value] = self._issue(kind, value, reach)
        known.sent = True
        if reach >= known.reach:
            known.kept = known.kept and reach == known.reach
            known.reach = reach
            known.value = value
        return known

    def recall(self, secret: Secret) -> None:
        """A placeholder that an earlier request issued."""
        secret.sent, secret.kept = False, True
        self._register((secret.kind, normalised(secret.kind, secret.value)), secret)

    def _issue(self, kind: str, value: str, reach: Reach) -> Secret:
        known_kind = self._spelled.get(kind)
        if known_kind is None:
            known_kind = self._spelled[kind] = spelled(kind)
        kind = known_kind
        key = kind, normalised(kind, value)
        known = self._by_value.get(key) or self._same_phone(*key)
        if known is None:
            known = Secret(kind, self._digest(*key), value, reach)
        self._register(key, known)
        return known

    def _register(self, key: tuple[str, str], secret: Secret) -> None:
        kind, value = key
        if secret.digest not in self._by_digest:
            self._by_value[key] = self._by_digest[secret.digest] = secret
            if kind not in self._compared:
                self._compare(kind)
        if kind in _PHONES:
            self._phones.setdefault((kind, _end(value)), []).append((value, secret))

    def _same_phone(self, kind: str, digits: str) -> Secret | None:
        """The number of the same line that was written with, or without, the code of its country.

        Which country's it is need not be known: that two lines of one conversation agree in all digits of a national
        number does not happen. Where it does, there are two to choose from, and none is chosen.
        """
        if kind not in _PHONES or not _end(digits):
            return None
        same = {
            secret.digest: secret
            for other, secret in self._phones.get((kind, _end(digits)), ())
            if other.startswith("+") != digits.startswith("+") and _extends(other, digits)
        }
        return next(iter(same.values())) if len(same) == 1 else None

    def _compare(self, kind: str) -> None:
        self._compared.add(kind)
        compared = folded(kind)
        if compared not in self.kinds:
            self.kinds = (*self.kinds, compared)
            self.beginnings.update(compared[:letters] for letters in range(1, len(compared) + 1))

    def get(self, digest: str) -> Secret | None:
        return self._by_digest.get(digest)

    def values(self) -> Iterable[Secret]:
        return self._by_value.values()

    def _digest(self, kind: str, value: str) -> str:
        told = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        # A keyed hash as HMAC is one, in a fifth of the time; a long conversation asks for hundreds in each turn.
        whole = blake2b(told, key=self._key, digest_size=MOST_DIGITS // 2).hexdigest().upper()
        for digits in range(DIGITS, MOST_DIGITS + 1, 2):
            if whole[:digits] not in self._by_digest:
                return whole[:digits]
        raise PrivacyUnavailable("No placeholder is left for a value. Send fewer values at once.")


def spelled(kind: str) -> str:
    """A type as placeholders have it."""
    return _NOT_IN_TYPES.sub("_", kind.upper()).strip("_")[:MOST_LETTERS] or LITERAL


def folded(kind: str) -> str:
    return kind.replace("_", "").lower()


def normalised(kind: str, value: str) -> str:
    """The value without what only its spelling has. Never guesses: `0` and `+49` are not taken for each other."""
    if kind == "EMAIL_ADDRESS":
        return value.casefold()
    if kind in _PHONES:
        digits = _NOT_DIGITS.sub("", value)
        return f"+{digits}" if value.lstrip(" (").startswith("+") else digits
    if kind == "MAC_ADDRESS":
        return _NOT_HEX.sub("", value.lower())
    if kind == "IP_ADDRESS":
        return _canonical_address(value)
    if kind in _NUMBERS or _NATIONAL.match(kind):
        return _FILL.sub("", value).upper()
    if kind in _WORDS:
        return " ".join(value.split()).casefold()
    return value


def _end(digits: str) -> str:
    """Digits that two spellings of a number must share, if it has enough of them."""
    return digits[-LEAST_NATIONAL:] if len(digits.lstrip("+0")) >= LEAST_NATIONAL else ""


def _extends(one: str, other: str) -> bool:
    short, long = sorted((one.lstrip("+0"), other.lstrip("+0")), key=len)
    return long.endswith(short) and len(long) - len(short) <= LONGEST_COUNTRY_CODE


def _canonical_address(value: str) -> str:
    try:
        return ip_address(value).compressed
    except ValueError:
        return value.lower()
