"""Words that stand where a value could stand and tell nothing: `password is required`, `SSID broadcast disabled`."""

import re
from collections.abc import Callable

_FILLERS = frozenset(
    """
    a an and any are as at be been before but by can cannot could did do does for from had has have how if in
    into is it its may must my no nor not of off on once one only or our out over per shall should so than that
    the their them then there these they this to too under until up used using was we were what when where which
    while who will with would you your yes true false null nil none n/a na unknown undefined unset empty missing
    invalid valid wrong correct incorrect required optional hidden visible disabled enabled disable enable
    active inactive default changed change reset resets expired expires failed fails failure failing ok error
    errors auto automatic manual value values type types mode name names number numbers key keys id ids length
    field fields column list table format string text set sets settings configuration configured config policy
    policies authentication authorization authenticated encryption encrypted cipher simple plain plaintext hash
    hashed secret secrets password passwords passphrase login logins user users username usernames account
    accounts access server servers group groups community public-key md5 sha sha1 sha256 sha512 des 3des aes
    hmac ascii-text plain-text-password hexadecimal psk str bytes int bool optional[str] getpass input minimum
    maximum least most characters character times time days day hours hour minutes seconds attempts attempt
    months weeks years recovery manager management protection prompt sharing store storage rotation strength
    file files backup broadcast broadcasting band bands channel steering support page link form box button below
    above here again first last new old same other both each all every more less please ask use call send sent see
    via wrongly correctly twice locally remotely already never always still also just even now later soon ist
    sind war wird wurde nicht kein keine der die das den dem ein eine einen und oder mit von für auf zu zum zur
    bei le la les un une du de et ou est sont pas pour avec sur dans au aux el los las y o es son para con por
    en al il lo gli i e è sono non di da del della het een zijn niet voor met van op os um uma não são w z jest
    nie się dla lub
    """.split()  # noqa: SIM905 - a list would be four times as long
)


_EVERYBODY = {
    "admin", "administrator", "root", "cisco", "juniper", "huawei", "guest", "test", "support", "operator", "manager",
    "system", "nobody", "ubnt", "default",
}  # fmt: skip
"""Accounts that every device has."""
_ROLES = {
    "router", "switch", "core", "edge", "access", "olt", "onu", "ont", "bng", "bras", "cpe", "firewall", "server",
    "gateway", "host", "device", "node", "main", "backup",
}  # fmt: skip
_CODE = re.compile(
    r"(?:os|self|settings|config|conf|process|env|vars|secrets|request|args|params|System|std|cfg|this)\.[A-Za-z_]|[A-Za-z_.]+\("
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_told(text: str) -> bool | None:
    return False if text.strip("\"'.:;,?!()[]{}<>*-_ ").lower() in _FILLERS or not re.search(r"\w", text) else None


def is_hidden(text: str) -> bool:
    """What stands where a secret was taken out, or will be put in: `****`, `<removed>`, `${PSK}`, `xxxxxx`."""
    bare = text.strip("\"'")
    return bool(re.fullmatch(r"[*xX.•#_-]{1,200}|<[^<>]{0,60}>?|\$[({].{0,80}|\{\{.{0,80}|%[A-Za-z_]{1,20}%?", bare))


def is_secret(text: str) -> bool | None:
    return False if is_hidden(text) or _CODE.match(text) else is_told(text)


def is_mixed(text: str) -> bool | None:
    """What no word of the language looks like, for places where a sentence could go on."""
    if len(text) < 4 or "=" in text or not re.search(r"[0-9]|[^\w-]\S|-.*-|_", text.rstrip(".,;:!?")):
        return False
    return is_secret(text)


def is_strong(text: str) -> bool | None:
    """For places where most words are no values: letters and digits."""
    return is_mixed(text) if re.search("[A-Za-z]", text) and re.search("[0-9]", text) and len(text) >= 6 else False


def is_community(text: str) -> bool | None:
    """Of SNMP, not of BGP: `65000:100 additive`."""
    return False if re.fullmatch(r"[0-9:]{1,24}|no-[a-z-]{3,20}|internet|additive|none", text) else is_secret(text)


def is_ones_own(text: str) -> bool | None:
    return False if text.lower() in _EVERYBODY else None


def is_user(text: str) -> bool | None:
    return False if is_ones_own(text) is False else is_told(text)


def is_login(text: str) -> bool | None:
    return is_user(text) if re.search(r"[0-9@._\\-]", text) else False


def is_host_name(text: str) -> bool | None:
    """A name of one host: with a letter, no word of the language, no address, no file."""
    if _ROLES.issuperset(re.split("[-_.]", text.lower())):
        return False
    if not re.search("[A-Za-z]", text) or re.fullmatch(
        r"localhost(?:\..{0,60})?|.{1,60}\.(?:py|sh|js|c|h|conf|cfg|txt|log|xml|json|ya?ml)", text
    ):
        return False
    return is_told(text)


def is_numbered_host(text: str) -> bool | None:
    """Where a sentence could go on: `hostname resolution`."""
    return is_host_name(text) if re.search("[0-9._-]", text) else False


def has_value(least: int) -> Callable[[str], bool | None]:
    """An identifier with so many digits at least, that is no date and no part of a sentence."""

    def check(text: str) -> bool | None:
        if sum(map(str.isdecimal, text)) < least or is_date(text) or _UUID.fullmatch(text):
            return False
        return None

    return check


def is_date(text: str) -> bool:
    bare = text.strip()
    return bool(
        re.fullmatch(
            r"(?:19|20)[0-9]{2}[-/.](?:0?[1-9]|1[0-2])(?:[-/.][0-3]?[0-9])?(?:[T ][0-9]{2})?"
            r"|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:19|20)?[0-9]{2}",
            bare,
        )
    )
