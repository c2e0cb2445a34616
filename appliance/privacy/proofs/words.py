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
    nie się dla lub manufacturer vendor model oui guide manual auth ctrl wpa wpa2 wpa3 wpa-psk wpa2-psk wpa3-psk
    wpa2-psk,wpa3-psk sae pbkdf2 localizedkey hash2 hash snmp mgmt
    community serial version status model annotated final optional hostname e.g i.e etc
    client-key-data client-certificate-data present absent calling-sid
    on-failure on-success block-for quiet-mode
    return await raise yield lambda hmac-md5 hmac-sha1 hmac-sha-1 hmac-sha256 hmac-sha-256 encrypted-password keychain
    """.split()  # noqa: SIM905 - a list would be four times as long
)


_EVERYBODY = {
    "admin", "administrator", "root", "cisco", "juniper", "huawei", "guest", "test", "support", "operator", "manager",
    "system", "nobody", "ubnt", "default", "__token__", "oauth2", "token", "git", "postgres", "ubuntu", "sa",
}  # fmt: skip
"""Accounts that every device has."""
_ROLES = {
    "router", "switch", "core", "edge", "access", "olt", "onu", "ont", "bng", "bras", "cpe", "firewall", "server",
    "gateway", "host", "device", "node", "main", "backup", "kernel", "system",
}  # fmt: skip
_NO_USER = re.compile(
    r"-.*|idle|never|ssh|telnet|hardware|(?:registry|images|quay|gcr)\..*|[0-9]{3,6}:[0-9A-Fa-f]{32}:.*"
    r"|[A-Za-z_-]{2,20}=.*|[A-Z]+(?:_[A-Z]+)+|(?:[A-Z][a-z]+){2,}"
)
"""An option, what stands in the column of one, where images lie, a dump, the next pair, an event, a class."""
_NO_HOST = re.compile(r"(?i:x?g|e|xgs-?)?(?i:pon)[-_](?i:olt|onu|ont)")
"""Ports."""
_PATH = re.compile(
    r"\.(?:get\w*|pop|r?split|r?partition|l?r?strip|items|keys|values|lower|upper|format|join|decode|encode|append)$|"
    r"\.[A-Za-z]*(?:[a-z][A-Z]|[A-Z]{2}[a-z])[A-Za-z]*$"
)
"""Of a data model: `Hosts.Host.1.HostName`."""
_CODE = re.compile(
    r"(?:os|self|settings|config|conf|process|env|vars|secrets|request|args|params|System|std|cfg|this)\.[A-Za-z_]|[A-Za-z_.]+\(|[A-Za-z_]\w{0,40}\[[0-9a-z'\"]"
)
_NAME = re.compile(
    r"[A-Za-z _-]{1,40}[:=]"  # the next name, where this one has no value
    r"|[,;][ ]?[A-Za-z_-]{2,30}[:=].*"
    r"|[0-9]{1,3}(?:\.[A-Za-z][A-Za-z0-9]*)+"  # the rest of a path: `PreSharedKey.1.PreSharedKey`
    r"|[A-Za-z0-9]{1,20}[-_](?:key|secret|token)\.?"
    r"|(?i:api|access|auth|secret|private|public|license|client|user|db|smtp|app)[ _.-]?(?i:key|token|secret|password)"
)
"""What names a value and is none."""
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_told(text: str) -> bool | None:
    return False if text.strip("\"'.:;,?!()[]{}<>*-_ ").lower() in _FILLERS or not re.search(r"\w", text) else None


def is_hidden(text: str) -> bool:
    """What stands where a secret was taken out, or will be put in: `****`, `<removed>`, `${PSK}`, `xxxxxx`."""
    bare = text.strip("\"'")
    return bool(
        re.fullmatch(
            r"[*xX.•#_-]{1,200}|<[^<>]{0,60}>?|\$[({].{0,80}|\$[A-Z_]{2,40}|\{\{.{0,80}|%[A-Za-z_]{1,20}%?", bare
        )
    )


def is_secret(text: str) -> bool | None:
    if len(text) < 3 or re.match(r"\[|/[a-z]+/", text):
        return False
    return False if is_hidden(text) or _CODE.match(text) or _NAME.fullmatch(text) else is_told(text)


def is_mixed(text: str) -> bool | None:
    """What no word of the language looks like, for places where a sentence could go on."""
    if len(text) < 4 or "=" in text or not re.search(r"[0-9]|[^\w-]\S|-.*-|_", text.rstrip(".,;:!?")):
        return False
    return is_secret(text)


def is_strong(text: str) -> bool | None:
    """For places where most words are no values: letters and digits."""
    return is_mixed(text) if re.search("[A-Za-z]", text) and re.search("[0-9]", text) and len(text) >= 6 else False


def is_wifi_key(text: str) -> bool | None:
    """Eight characters at least, and no word."""
    if len(text) < 8 or (text.isalpha() and (text.islower() or text.istitle())):
        return False
    return is_secret(text)


def is_network_name(text: str) -> bool | None:
    """Mixed, or several words in one: `Livebox-Durand`."""
    return is_told(text) if re.search("[A-Za-z][-_][A-Z0-9]", text) else is_mixed(text)


def is_mixed_key(text: str) -> bool | None:
    return is_mixed(text) if len(text) >= 8 else False


def is_community(text: str) -> bool | None:
    """Of SNMP, not of BGP: `65000:100 additive`."""
    return (
        False
        if re.fullmatch(r"[0-9:.]{1,24}|no-[a-z-]{3,20}|add|set|internet|additive|none", text)
        else is_secret(text)
    )


def is_ones_own(text: str) -> bool | None:
    return False if text.lower() in _EVERYBODY else None


def is_user(text: str) -> bool | None:
    if _NO_USER.fullmatch(text):
        return False
    return False if is_ones_own(text) is False else is_told(text)


def is_login(text: str) -> bool | None:
    return is_user(text) if re.search(r"[0-9@._\\-]", text) else False


def is_host_name(text: str) -> bool | None:
    """A name of one host: with a letter, no word of the language, no address, no file."""
    if len(text) < 2 or _ROLES.issuperset(re.split("[-_.]", text.lower())):
        return False
    if _CODE.match(text) or _NO_HOST.match(text) or _PATH.search(text):
        return False
    if not re.search("[A-Za-z]", text) or re.fullmatch(
        r"localhost(?:\..{0,60})?|.{1,60}\.(?:py|sh|js|c|h|conf|cfg|txt|log|xml|json|ya?ml)", text
    ):
        return False
    return is_told(text)


def is_line_name(text: str) -> bool | None:
    """Names of lines hold numbers; `state.items` is code."""
    return is_host_name(text) if re.search("[0-9]", text) else False


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
