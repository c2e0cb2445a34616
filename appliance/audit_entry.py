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
# Of a line that the encoder wrote this asks only whether each text in it is a code; escapes, and so quotes, are not.
_is_plain = re.compile(rf'\{{{_FIELDS}*+(?:,"details":\{{{_FIELDS}{{0,{DETAILS - 1}}}+\}})?\}}'.encode()).fullmatch


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One event. Texts are codes of at most 128 letters, digits and `._:/-`; anything else is stored as a digest."""

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
    line = b'{"at":%d,%b' % (at, _encode(entry)[1:])
    if _is_plain(line) is None:
        line = b'{"at":%d,%b' % (at, _encode(_masked(entry, key))[1:])
    return line


def is_plain(line: bytes) -> bool:
    return _is_plain(line) is not None


def digest(text: str, key: bytes) -> str:
    """Stands for a text that is not a code: the same text gives the same digest within a tenant, and no way back."""
    return "~" + hmac.digest(key, text.encode(errors="surrogatepass"), "sha256")[:8].hex()


def code(text: str, key: bytes) -> str:
    return text if _is_code(text) else digest(text, key)


def _masked(entry: Entry, key: bytes) -> Entry:
    fields = msgspec.structs.asdict(entry)
    texts = {name: code(value, key) for name, value in fields.items() if isinstance(value, str)}
    return msgspec.structs.replace(entry, **texts, details=_masked_details(entry.details, key))


def _masked_details(details: Mapping[str, int | str], key: bytes) -> dict[str, int | str]:
    kept: dict[str, int | str] = {}
    room = DETAILS if len(details) <= DETAILS else DETAILS - 1
    for name, value in islice(details.items(), room):
        kept[name if _is_name(name) else digest(name, key)] = code(value, key) if isinstance(value, str) else value
    if room < len(details):
        kept["omitted"] = len(details) - room
    return kept
