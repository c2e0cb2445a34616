"""Secrets that somebody named: `password = …` in code and settings, "my password is …" in prose.

A value is of positive classes: no quotes, and nothing that separates values. Quoted ones may hold anything else.
"""

from collections.abc import Iterator

from msgspec import Struct

from appliance.privacy.proofs import secrecy
from appliance.privacy.scanning.pattern import Check, Pattern

_IS = r"[\"'\]\)*`]{0,4}[ \t]{0,4}(?::=|=>|==?|:|\x{ff1a}|\|)[ \t]{0,4}"
_NAME_GOES_ON = r"(?:[0-9_.-][A-Za-z0-9_.-]{0,40}|value|string|text|secret|key)?"
_NAME_BEGINS = r"(?:^|[^?&A-Za-z0-9_.-])[A-Za-z0-9_.-]{0,60}"
_LETTER = r"A-Za-zÀ-ʯЀ-ӿ"
_SIGN = r"[!#-&*+\-./0-9:=?-Z^-z|~À-ʯЀ-ӿ]"
_LAST = r"[!#-&*+\-/0-9=?-Z^-z~À-ʯЀ-ӿ]"
_LINE_ENDS = r"[ \t]{0,4}(?:[\r\n,;#\"'}|]|$)"
_LONG = r"(?P<v>[!#-&*+\-./0-9:=?-Z^-z~]{65,})"


class _Names(Struct, frozen=True, kw_only=True):
    type: str
    names: str
    shortest: int
    """The fewest characters of a value."""
    check: Check
    """Of a bare value."""
    words: bool = False
    """Whether a value may be a plain word."""
    score: float = 0.85


_PASSWORD = _Names(
    type="PASSWORD",
    names=r"passwords?|passwd|passphrase|passcode|passwort|kennwort|pwd|(?:user|db|smtp|root)pass|"
    r"mot[ _]de[ _]passe|mdp|"
    r"contraseña|contrasena|clave(?: de acceso)?|wachtwoord|senha|palavra[ -]passe|parola d'ordine|hasło|haslo|"
    r"lösenord|adgangskode|salasana|passord|heslo|parola|şifre|jelszó|пароль|κωδικός|パスワード|密码|密碼|비밀번호",
    shortest=4,
    check=secrecy.strong,
    words=True,
    score=0.86,
)
_SECRET = _Names(
    type="SECRET",
    names=r"secret|geheimnis|recovery[ _.-]?code|otp[ _.-]?seed|connection[ _.-]?string|webhook[ _.-]?url",
    shortest=5,
    check=secrecy.strong,
    words=True,
)
_API_KEY = _Names(
    type="API_KEY",
    names=r"api[ _.-]?key|"
    r"(?:access|secret|private|auth|authorization|master|encryption|signing|licen[sc]e|service|account|"
    r"shared|subscription|app|application|deploy|session|integration|routing|storage|signature)[ _.-]?key|"
    r"api[ _.-]?schlüssel|clé[ _.-](?:d')?api|clave[ _.-](?:de[ _.-])?api|chiave[ _.-]api|api[ _.-]?sleutel|"
    r"chave[ _.-](?:de[ _.-])?api|klucz[ _.-]api",
    shortest=8,
    check=secrecy.key,
)
_TOKEN = _Names(
    type="TOKEN",
    names=r"token|jwt|[:\n]_auth",
    shortest=8,
    check=secrecy.key,
)
_SESSION = _Names(
    type="TOKEN",
    names=r"session[ _.-]?id|jsessionid|phpsessid|sessid",
    shortest=16,
    check=secrecy.key,
)
_WIFI_KEY = _Names(
    type="WIFI_KEY",
    names=r"(?:wi-?fi|wlan|wireless|wpa[23]?)[ _.-]?(?:password|passphrase|passwort|key|code|psk|schlüssel)|"
    r"key_?passphrase|pre[ _-]?shared[ _-]?key|wpa_?psk|clé (?:wi-?fi|wpa2?)|clave (?:del? )?wi-?fi|chiave wi-?fi|"
    r"wi-?fi[ -]sleutel|hasło wi-?fi",
    shortest=8,
    check=secrecy.bare,
    score=0.9,
)
_NAMED = (_PASSWORD, _SECRET, _API_KEY, _TOKEN, _SESSION, _WIFI_KEY)
_PASSWORDS = r"passw(?:or[dt]|d)|pwd"
_SECRETS = r"secret|token|(?:api|access|account|private|auth|storage)[ _.-]?key"

_SPOKEN = rf"{_PASSWORD.names}|pw|pass|pin"
_OF_WHAT = (
    r"(?: (?:for|of|to|on|für|von|zum|pour|de|du|del|della|para|per|voor|van|do|da|dla|till|til)"
    r"(?: [\w.@-]{1,40}){1,4})?"
    r"(?: \([\w @.-]{1,40}\))?"
)
_BE = (
    r"(?: {0,2}[:=] {0,2}| {1,2}(?:is now|is still|is set to|is|was|will be|are|ist jetzt|ist|lautet|war|est|était|es|"
    r"era|è|luidt|é|to|brzmi|är|er|on|je|este)(?: {1,2}|: {0,2}))"
)
_MY = r"(?:my|our|his|her|their|mein|unser|sein|ihr|mon|notre|son|mi|su|la mia|mijn|ons|zijn|haar|minha|moje)"
_OPENS = r"[\"'«„“`]?"
_CLOSES = r"[\"'»“”`]?"
_LOGINS = (
    r"credentials?|creds|log-?ins?|zugangsdaten|identifiants|credenciales|credenziali|inloggegevens|"
    r"curl.{0,120} -u|--user"
)


def _pattern(type_: str, name: str, regex: str, check: Check, score: float = 0.85) -> Pattern:
    return Pattern(type=type_, name=name, regex=regex, score=score, check=check, ignore_case=True)


def _named(of: _Names) -> Iterator[Pattern]:
    name = rf"(?:{of.names}){_NAME_GOES_ON}{_IS}"
    bare = rf"(?P<v>{_SIGN}{{{of.shortest - 1},63}}{_LAST})"
    double = rf"(?P<v>[ !#-\[\]-~{_LETTER}]{{{of.shortest},64}})"
    single = rf"(?P<v>[ -&(-~{_LETTER}]{{{of.shortest},64}})"
    quoted = secrecy.quoted if of.words or of.type == "WIFI_KEY" else secrecy.quoted_key
    yield _pattern(of.type, "named", rf'{name}[bruf@]{{0,2}}\\?"{double}\\?"', quoted, of.score)
    yield _pattern(of.type, "named", rf"{name}[bruf@]{{0,2}}'{single}'", quoted, of.score)
    yield _pattern(of.type, "named, bare", rf"{_NAME_BEGINS}{name}{bare}", of.check, of.score)
    # `password of the portal: …`, `contraseña PPPoE: …`
    words = rf"(?:[ ][{_LETTER}0-9(][{_LETTER}0-9.()_-]{{0,19}}){{1,3}}"
    further = rf"(?:^|[^A-Za-z0-9_-])(?:{of.names}){words}[ ]?[:=][ \t]{{0,4}}[\"'`]?{bare}"
    yield _pattern(of.type, "named further", further, secrecy.strong, of.score - 0.02)
    if of.words:
        word = rf"(?P<v>[{_LETTER}_-]{{{of.shortest},40}})"
        tight = rf"{_NAME_BEGINS}(?:{of.names}){_NAME_GOES_ON}={word}"
        yield _pattern(of.type, "named, a word", tight, secrecy.bare)
        yield _pattern(of.type, "named, a last word", rf"{_NAME_BEGINS}{name}{word}{_LINE_ENDS}", secrecy.bare)


def _around(type_: str, names: str) -> Iterator[Pattern]:
    """Where no sign of equality stands between name and value."""
    name = rf"(?:{names}){_NAME_GOES_ON}"
    bare = rf"(?P<v>{_SIGN}{{3,63}}{_LAST})"
    value = rf"(?P<v>[ !#-&(-;=-~{_LETTER}]{{4,64}})"
    line = r"[ \t]{0,4}\r?\n(?:[ \t]{0,4}\r?\n)?[ \t]{0,12}"
    below = rf"{name}[\"']?(?::{line}(?:- )?|(?: \{{)?{line}(?:value:|default {{0,3}}=) ?)[\"']?{bare}"
    element = rf"<[\w:.-]{{0,30}}(?:{names})[\w.-]{{0,24}}(?: [^>\n]{{1,60}})?>{value}</"
    yield _pattern(type_, "named above", below, secrecy.strong)
    yield _pattern(type_, "element", element, secrecy.quoted)
    yield _pattern(type_, "attribute", rf"{name}[\"'] {{1,4}}value=[\"']{value}[\"']", secrecy.quoted)


def _of_any_name() -> Iterator[Pattern]:
    every = rf"{_PASSWORDS}|{_SECRETS}"
    bare = rf"(?P<v>{_SIGN}{{3,63}}{_LAST})"
    short = r"(?:pass|pw|psw|pword|psk|passkey|kodeord|creds?|[A-Za-z0-9_-]{1,40}[_-]key|auth)"
    in_query = r"[?&;][A-Za-z0-9_.-]{0,40}(?:NAMES)=(?P<v>[!#-%*+\-./0-9:=?-Z^-z~]{4,256})"
    yield from _around("PASSWORD", _PASSWORDS)
    yield from _around("SECRET", _SECRETS)
    yield from _around("API_KEY", r"(?:api|access)[ _.-]?key")
    long = rf"(?:{every}|{_API_KEY.names}){_NAME_GOES_ON}{_IS}[\"']?{_LONG}"
    yield _pattern("SECRET", "named, long", long, secrecy.quoted)
    for type_, names in (("TOKEN", "token|jwt"), ("API_KEY", "key"), ("SECRET", f"{every}|sig|signature|auth|pass")):
        yield _pattern(type_, "in a query", in_query.replace("NAMES", names), secrecy.key)
    yield _pattern("SECRET", "abbreviated", rf"(?:^|[^?&A-Za-z0-9]){short}{_IS}[\"']?{bare}", secrecy.strong)


def _told() -> Iterator[Pattern]:
    bare = rf"(?P<v>{_SIGN}{{3,63}}{_LAST})"
    value = rf"{_OPENS}{bare}"
    name = rf"(?:^|[^{_LETTER}])(?:{_SPOKEN})"
    word = rf"{_OPENS}(?P<v>[{_LETTER}]{{4,40}}){_CLOSES}(?:[.!\n,;]|$)"
    of_my_own = rf"\b{_MY} (?:[\w-]{{1,20}} )?(?:{_SPOKEN})"
    statement = r"\b(?:identified by|with (?:encrypted )?password|set password =)(?: password)?"
    program = (
        r"\b(?:mysql[a-z]{0,8} .{0,80}-p|sshpass -p ?|redis-cli .{0,80}-a |requirepass |masterauth |pass:"
        r"|openssl .{0,80} -k |--pass(?:word|phrase|wd)?[ =])"
    )
    yield _pattern("PASSWORD", "told", rf"{name}{_OF_WHAT},?{_BE}{value}", secrecy.strong)
    yield _pattern("PASSWORD", "told, a word", rf"{of_my_own}{_BE}{word}", secrecy.bare)
    yield _pattern("PASSWORD", "beside", rf"{name}[ \t]{{1,3}}(?:[05789] )?{value}", secrecy.strong, 0.6)
    user = rf"(?:^|[^A-Za-z0-9_-])(?:{_LOGINS})(?: is| are| ist| est| es| è)?[ \t:=]{{1,4}}[\"']?[\w.@-]{{1,60}}"
    yield _pattern("PASSWORD", "beside a user", rf"{user} ?[:/] ?{value}", secrecy.quoted)
    yield _pattern("PASSWORD", "in SQL", rf"{statement} ?'(?P<v>[ -&(-~{_LETTER}]{{4,64}})'", secrecy.quoted)
    yield _pattern("PASSWORD", "argument", rf"{program}[\"']?{bare}", secrecy.quoted)


def _beside() -> Iterator[Pattern]:
    """With no sign in between: `client secret 3fT…`. The last word of the name says what it is."""
    value = r"(?P<v>[A-Za-z0-9+/_.-]{16,128}={0,2})"
    of_what = r"(?: (?:for|of|to|from)(?: [\w.-]{1,20}){1,3})?"
    sign = r"(?: is| ist| est| es| è)?[\"']?[ \t]{0,2}[ :=][ \t]{0,2}[\"'`]?"
    for type_, names in (
        ("API_KEY", r"api[ _-]?key|access[ _-]?key"),
        ("SECRET", r"(?:client|app|application|api|oauth|consumer|signing|jwt|webhook)[ _-]?secret"),
    ):
        yield _pattern(type_, "named beside", rf"(?:\b|_)(?:{names}){of_what}{sign}{value}", secrecy.key, 0.93)


PATTERNS: tuple[Pattern, ...] = (
    *(one for each in _NAMED for one in _named(each)),
    *_of_any_name(),
    *_told(),
    *_beside(),
)
