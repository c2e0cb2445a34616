"""The customer's own record: who this conversation is about, as its caller knows it. The surest recognizer there is.

People do not write their names, streets and numbers as a record has them. Each value is looked for in the forms that
are safe to expect; what would be found everywhere is not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from appliance.errors import InvalidRequest
from appliance.privacy.scanning.terms import WORD, Terms, bare, folded, tells

RECORD = "record"
FIELD = "ringfence.record"
MOST_VALUES = 64
LEAST_PART = 3
LEAST_PLACE = 4
LEAST_NATIONAL = 7
LONGEST_COUNTRY_CODE = 3

_WRITTEN_LARGE = {"PERSON", "ADDRESS", "LOCATION", "ORGANIZATION"}
_PHONES = {"PHONE_NUMBER", "MSISDN"}
_NUMBERS = {"CREDIT_CARD", "IBAN_CODE", "BANK_ACCOUNT", "IMEI", "IMSI", "ICCID", "MAC_ADDRESS", *_PHONES}
_NUMBER = re.compile(r"[A-Z]{2}_\w+|\w+_(?:ID|NUMBER)")
_PIECE = re.compile(r"[,;\n]+")
_BESIDE_NAMES = frozenset(
    """
    mr mrs ms miss mx dr prof sir herr frau monsieur madame mme senor senora sig sra jr sr iii
    van von der den dem des del della dos das ter ten the and und bin ibn
    """.split()  # noqa: SIM905 - a list would be four times as long
)
_STREETS = {
    "street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "drive": "dr", "boulevard": "blvd", "court": "ct",
    "place": "pl", "square": "sq", "strasse": "str",
}  # fmt: skip
_LONG_STREET = re.compile(r"\b(street|road|avenue|lane|drive|boulevard|court|place|square)\b|(strasse)\b")
_SHORT_STREET = re.compile(r"\b(st|rd|ave|ln|dr|blvd|ct|pl|sq)\b|(str)\b")
_IN_FULL = {short: long for long, short in _STREETS.items()}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_WRITTEN_OUT = re.compile(r"(?i)(?<=[aou])e(?=[b-df-hj-np-tv-z])")

Record = Mapping[str, Sequence[str]]
"""Values by their types."""


def terms_of(record: Record) -> Terms:
    """What finds the values of a record. Raises for one that could not be told from other words."""
    if sum(map(len, record.values())) > MOST_VALUES:
        raise InvalidRequest(f"'{FIELD}' has more than {MOST_VALUES} values. Send fewer.", param=FIELD)
    values: dict[str, str] = {}
    parts: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for kind, given in record.items():
        for at, value in enumerate(given):
            if not tells(value):
                place = f"{FIELD}.{kind}[{at}]"
                raise InvalidRequest(
                    f"'{place}' is too short to be found: it needs two letters or four digits. Leave it out.",
                    param=place,
                )
            if _is_number(kind):
                numbers.update(dict.fromkeys(_numbers(kind, value), kind))
                continue
            alone = kind in _WRITTEN_LARGE and WORD.fullmatch(value.strip()) is not None
            forms = parts if alone else values
            forms.update(dict.fromkeys(_spellings(_forms(kind, value)), kind))
            parts.update(dict.fromkeys(_spellings(_parts(kind, value)), kind))
    return Terms(values, RECORD, parts=parts, numbers=numbers)


def scope_of(record: Record) -> bytes:
    """Tells records apart without naming anybody; use it under a key only."""
    return sha256(msgspec.json.encode({kind: sorted(record[kind]) for kind in sorted(record)})).digest()


def _spellings(values: Iterator[str]) -> Iterator[str]:
    """`Müller` is found without its accent anyway; this adds `Mueller`, each way."""
    for value in values:
        yield value
        if value.isascii():
            yield _WRITTEN_OUT.sub("", value)
        else:
            yield value.translate(_UMLAUTS)


def _forms(kind: str, value: str) -> Iterator[str]:
    yield value
    if kind == "PERSON":
        words = WORD.findall(value)
        for first in range(1, len(words)):
            yield " ".join((*words[first:], *words[:first]))
        if len(words) > 2:
            yield f"{words[0]} {words[-1]}"
            yield f"{words[-1]} {words[0]}"
    elif kind == "ADDRESS":
        yield from _streets(value)
        for piece in filter(_has_digit, _PIECE.split(value)):
            for form in (piece, *_number_elsewhere(piece)):
                yield from _streets(form)


def _parts(kind: str, value: str) -> Iterator[str]:
    """What of a value counts alone, where it is written like a name."""
    if kind == "PERSON":
        for word in WORD.findall(value):
            if len(word) >= LEAST_PART and folded(word) not in _BESIDE_NAMES:
                yield word
    elif kind == "ADDRESS":
        for piece in _PIECE.split(value):
            place = " ".join(word for word in WORD.findall(piece) if not _has_digit(word))
            if len(place) >= LEAST_PLACE:
                yield from _streets(place)


def _number_elsewhere(piece: str) -> Iterator[str]:
    """`12 High Street` of `High Street 12`, and the other way round."""
    words = piece.split()
    if len(words) > 1 and _has_digit(words[0]) != _has_digit(words[-1]):
        yield " ".join((*words[1:], words[0]) if _has_digit(words[0]) else (words[-1], *words[:-1]))


def _streets(address: str) -> Iterator[str]:
    yield address
    plain = folded(address)
    yield _LONG_STREET.sub(lambda found: _STREETS[found[0]], plain)
    yield _SHORT_STREET.sub(lambda found: _IN_FULL[found[0]], plain)


def _is_number(kind: str) -> bool:
    return kind in _NUMBERS or (kind != "IP_ADDRESS" and _NUMBER.fullmatch(kind) is not None)


def _numbers(kind: str, value: str) -> Iterator[str]:
    yield value
    number = bare(value)
    if kind not in _PHONES or not number.isdigit():
        return
    abroad = value.lstrip(" (").startswith(("+", "00"))
    number = number.removeprefix("00") if abroad else number
    for code in range(1, LONGEST_COUNTRY_CODE + 1) if abroad else (0,):
        # Which country's code it is need not be known: no other number has all these digits.
        national = number[code:].lstrip("0")
        if len(national) >= LEAST_NATIONAL:
            yield from (national, f"0{national}")
    if abroad:
        yield from (f"+{number}", f"00{number}")


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
