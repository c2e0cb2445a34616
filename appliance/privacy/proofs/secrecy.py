"""Whether what stands where a secret stands is one: checks of patterns, by the value alone."""

import re
from base64 import b64decode, urlsafe_b64decode
from binascii import Error as NotBase64

import msgspec

from appliance.privacy.proofs.entropy import is_hexadecimal, looks_random

_WORDS = """
none null nil true false undefined empty blank string str int bool boolean text bytes object optional required
any unknown redacted removed hidden masked omitted encrypted protected todo tbd n/a yes off enabled disabled
password passwd passphrase passwort kennwort secret token key apikey credentials value placeholder example
bearer basic digest plain plaintext md5 sha1 sha256 sha512 scrypt bcrypt argon2 base64 utf8 utf-8 oauth2 oauth
return await function lambda self this input prompt stdin file env default username user admin/password
wrong incorrect invalid valid correct expired missing needed mandatory weak strong stored sent reset changed set
hmac-md5 hmac-sha1 hmac-sha-1 hmac-sha-256 hmac-sha256 enable profile
okay fine safe unset here there below above same different case-sensitive compromised leaked forgotten lost
falsch richtig abgelaufen vergessen ungültig leer unbekannt nicht incorrecte expiré oublié vide inconnu invalide
incorrecta incorrecto caducada olvidada vacía errata scaduta dimenticata vuota sbagliata verkeerd verlopen vergeten
leeg incorreta expirada esquecida vazia inválida błędne wygasło
wifi wi-fi wlan pppoe ppp radius snmp voip ipsec ssh vpn portal router login logon access
"""
_WORDS_FOR_NOTHING = frozenset(_WORDS.split())
_NEXT_NAME = re.compile(r"[A-Za-z_-]{1,40}[=:]|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_FILLER = re.compile(r"[xX*•.#?_…-]+")
_FILLED = re.compile(r"[xX*.]{10}")
_SLOT = re.compile(
    r"<[^>]*>?|\$?\{.*|\$\(.*|\$\w*[A-Z]\w*|\$[a-z_]+|\$[0-9]|%\w*%|%[sdr]|%\(.*|"
    r"\[.*\]?|@@?\w+@@?|#\{.*|`.*|\(.*|!(?:\w+ .*|Ref|Sub)|&?\*+"
)
_STAND_IN = re.compile(
    r"(?:your|insert|enter|replace|put|add|my[-_]|some[-_]|the[-_])[a-z_ -]*|"
    r"change[-_]?(?:me|it)[-_][a-z_-]+|[a-z_ -]*(?:[-_ ]here|example|placeholder|redacted)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"[A-Za-z_]+(?:\.[A-Za-z_]+)+|[A-Za-z_.]*\w\(.*|[A-Za-z_]\w*\[.*|[A-Z][a-z]+-[A-Z]\w+|(?:https?|file)://.*|/[a-z/._-]+"
)
_NAMES_A_SECRET = re.compile(r"[a-z_.-]*(?:passw|pwd|secret|token|key|credential)[a-z_.-]*", re.IGNORECASE)
_PASSWORD_IN_IT = re.compile(r"(?:://[^:/@]*:|(?:password|pwd)=)([^/@;&]+)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


_ATTRIBUTE = re.compile(r"(?:[A-Z][A-Za-z]{0,12}[0-9]?-){1,6}[A-Z][a-z]{2,14}")
"""Of RADIUS, or a header: `MS-CHAP2-Response`."""


_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[A-Za-z0-9._-]{1,40}){1,8}\.[a-z]{2,5}")


def stands_for_nothing(value: str) -> bool:
    """`<password>`, `xxxx`, `${VAR}`, `None` are places for a secret, not secrets."""
    value = value.strip()
    return (
        _PATH.fullmatch(value) is not None
        or _NEXT_NAME.fullmatch(value) is not None
        or value.lower() in _WORDS_FOR_NOTHING
        or _FILLER.fullmatch(value) is not None
        or _SLOT.fullmatch(value) is not None
        or _STAND_IN.fullmatch(value) is not None
    )


def quoted(value: str) -> bool | None:
    return False if stands_for_nothing(value) or value.isspace() else None


def quoted_key(value: str) -> bool | None:
    """Keys hold no blanks."""
    return False if " " in value else quoted(value)


def bare(value: str) -> bool | None:
    """Without quotes, code may stand there too: a name, a call, a path."""
    names_something = _CODE.fullmatch(value) or _NAMES_A_SECRET.fullmatch(value)
    return False if names_something else quoted(value)


def strong(value: str) -> bool | None:
    """In running text, nothing but its letters tells a password from the next word."""
    mixed = any(map(str.isdigit, value)) and not value.isdigit() and not value[:-1].rstrip("%.:").isdigit()
    signed = any(not sign.isalnum() and sign not in "-_.'/:" for sign in value.rstrip("!?)"))
    turned = any(map(str.isupper, value[1:])) and any(map(str.islower, value))
    return bare(value) if mixed or signed or turned else False


def key(value: str) -> bool | None:
    """Keys and tokens are drawn, or long; `max_token = 4096` is neither."""
    if value.isdigit() and len(value) < 10:
        return False
    varied = any(map(str.isdigit, value)) or len(value) >= 16
    return bare(value) if varied else False


def drawn(value: str) -> bool | None:
    return None if looks_random(value) and not _UUID.fullmatch(value) else False


def drawn_wide(value: str) -> bool | None:
    """Digests are hexadecimal and stand everywhere; they are no secrets by their looks."""
    return False if is_hexadecimal(value) or _ATTRIBUTE.fullmatch(value) else drawn(value)


def prefixed(value: str) -> bool | None:
    """Only what comes behind the name of the service is drawn; digests and parts of names are not."""
    tail = max(re.split(r"[_.-]", value)[1:], key=len)
    mixed = any(map(str.isdigit, tail)) and any(map(str.isupper, tail)) and any(map(str.islower, tail))
    return None if mixed and looks_random(tail) else False


def varied(value: str) -> bool | None:
    """A documented form, unless someone filled it with `xxxx`."""
    return None if len(set(value)) > 8 and not _FILLED.search(value) else False


def json_web_token(value: str) -> bool | None:
    """None for one that was cut or changed: it has the form still, and its rest is as secret."""
    header = _decoded(value.partition(".")[0])
    try:
        return "alg" in msgspec.json.decode(header, type=dict[str, object]) or None
    except msgspec.DecodeError:
        return None


def user_and_password(value: str) -> bool | None:
    """What Basic authentication encodes."""
    try:
        name, colon, password = b64decode(value + "=" * (-len(value) % 4), validate=True).partition(b":")
    except NotBase64:
        return False
    return None if colon and password and (name + password).isascii() else False


def connection(value: str) -> bool | None:
    """Unless the password in it is a place for one, as in `https://user:${PASSWORD}@host`."""
    return False if any(stands_for_nothing(part) for part in _PASSWORD_IN_IT.findall(value)) else None


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return b""
