"""What the ledger may say of an event: ids, codes and counts; never a word that anybody typed."""

import hmac
import re
from collections.abc import Mapping
from itertools import islice

import msgspec
from msgspec import Struct

DETAILS = 16  # most names in `details`

_CODE = r"[A-Za-z0-9._:/~-]"
_NAME = r'"[a-z0-9_.~]{1,32}+":'
_VALUE = rf'(?>"{_CODE}{{0,128}}+"|-?[0-9]{{1,20}}+|true|false)'
_FIELDS = rf"{_NAME}{_VALUE}(?:,{_NAME}{_VALUE})"
_is_code = re.compile(rf"{_CODE}{{0,128}}").fullmatch
_is_name = re.compile(r"[a-z0-9_.~]{1,32}").fullmatch
_MORE = rf'(?:,"details":\{{{_FIELDS}{{0,{DETAILS - 1}}}+\}})?'
# Asks of a line that the encoder wrote whether each text in it is a code; an escape, and so a quote, is not.
_is_plain = re.compile(rf"\{{{_FIELDS}*+{_MORE}\}}".encode()).fullmatch


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One event. Texts are codes: at most 128 letters, digits and `._:/-`; others become a digest."""

    action: str
    request_id: str = ""
    user: str | None = None
    key: str | None = None
    model: str = ""
    engine: str = ""
    status: int = 0
    code: str = ""
    streamed: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: int = 0
    milliseconds: int = 0
    details: dict[str, int | str] = {}


_encode = msgspec.json.Encoder().encode


def encode(entry: Entry, at: int, key: bytes) -> bytes:
    """The line that is stored: the entry with its time, in microseconds since the epoch."""
    try:
        line = _stamped(entry, at)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can carry
        line = b""
    return line if is_plain(line) else _stamped(_masked(entry, key), at)


def is_plain(line: bytes) -> bool:
    return _is_plain(line) is not None


def digest(text: str, key: bytes) -> str:
    """Stands for a text that is no code: within a tenant always the same, and with no way back."""
    return "~" + hmac.digest(key, text.encode(errors="surrogatepass"), "sha256")[:8].hex()


def code(text: str, key: bytes) -> str:
    return text if _is_code(text) else digest(text, key)


def _stamped(entry: Entry, at: int) -> bytes:
    return b'{"at":%d,%b' % (at, _encode(entry)[1:])


def _masked(entry: Entry, key: bytes) -> Entry:
    fields = msgspec.structs.asdict(entry)
    texts = {name: code(value, key) for name, value in fields.items() if isinstance(value, str)}
    return msgspec.structs.replace(entry, **texts, details=_masked_details(entry.details, key))


def _masked_details(details: Mapping[str, int | str], key: bytes) -> dict[str, int | str]:
    kept: dict[str, int | str] = {}
    room = DETAILS if len(details) <= DETAILS else DETAILS - 1
    for name, value in islice(details.items(), room):
        known = name if _is_name(name) else digest(name, key)
        kept[known] = code(value, key) if isinstance(value, str) else value
    if room < len(details):
        kept["omitted"] = len(details) - room
    return kept
