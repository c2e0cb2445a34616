"""How to reach a person: e-mail, telephone, web addresses and domains."""

import re
from collections.abc import Iterable

from appliance.privacy.proofs.checks import sieve
from appliance.privacy.proofs.phones import REGIONS, Phones
from appliance.privacy.scanning.pattern import Check, Pattern

# Letters of internationalised addresses: two ranges, as each costs the automaton; between them stands punctuation.
LETTERS = "A-Za-zÀ-῿ぁ-힣"
WORD = f"{LETTERS}0-9_"
LOCAL = f"[{WORD}](?:[{WORD}.+'-]{{0,62}}[{WORD}+-])?"
HOST = f"[{LETTERS}0-9](?:[{LETTERS}0-9.-]{{0,120}}[{LETTERS}0-9])?"
DOTTED = f"[{LETTERS}0-9][{LETTERS}0-9.-]{{0,120}}\\.(?:xn--[a-z0-9-]{{2,40}}|[{LETTERS}]{{2,24}})"

# Last labels that are files, units and code before they are domains.
NO_DOMAINS = (
    "png jpg jpeg gif svg webp ico css js jsx ts tsx json html htm xml yml yaml toml txt log cfg conf ini py pyc rb go"
    " java class php sql csv tsv pdf doc docx xls xlsx bak tmp lock gz tar tgz bz2 xz bin img iso deb rpm jar whl"
    " exe dll"
    " service socket timer target mount slice device path scope append join split format get set map"
)
NO_HOSTS = "java javax system asp vb ado microsoft sun scala kotlin self this os sys"
# What follows `@` in names of packages and images.
NO_REALMS = "latest next beta alpha stable canary master main head sha256 sha512 dev edge nightly"
# Who is at a host, in prompts and addresses of repositories.
NO_PERSONS = "root admin git ubuntu debian ec2-user pi vagrant user localhost support noc cisco"

# Endings that are hardly ever code or words; the others need a word nearby.
PLAIN = (
    "com|net|org|edu|gov|mil|biz|xyz|info|de|fr|es|nl|pt|pl|se|dk|fi|ie|ch|uk|eu|ca|au|br|ng|ke|za|sg|nz|cz|hu|gr|ro|ru|ua"
    "|jp|cn|kr|mx"
)
ANY = (
    "io|ai|app|dev|online|site|shop|store|cloud|tech|email|network|systems|agency|solutions|services|telecom|live|blog"
    "|news|club|top|world|group|company|gmbh|berlin|london|paris|bank|it|at|be|no|in|us|me|tv|co|cc|to|is|id|my|th"
    "|vn|tr"
    "|il|ae|sa|eg|ma|gh|tz|ug|ar|cl|pe|ve|uy|bo|ec|lt|lv|ee|sk|si|hr|rs|bg|by|kz|lu|li|mt|cy|hk|tw|ph|pk|bd|lk|np"
)

PHONE_WORDS = (
    "phone phones telephone tel tél telefon telefono teléfono téléphone telefone telefoon telefonnummer telefoonnummer"
    " mobile mob mobil móvil movil cell cellphone cellulare celular telemóvel telemovel handy handynummer rufnummer gsm"
    " komórka komorka portable fax call called calling caller dial dialled contact callback whatsapp sms hotline"
    " landline festnetz puhelin puhelinnumero mobiltelefon tlf anrufen erreichbar rückruf rueckruf"
    " rückrufnummer appeler joindre rappeler llamar llame chiamare chiama bellen ligar zadzwoń dzwonić"
    " phonenumber phoneno mobilephone homephone workphone msisdn directorynumber callernumber ring"
)
DOMAIN_WORDS = (
    "domain domains dns host hostname site website webseite web url nslookup dig whois mx cname zone nameserver sitio"
    " página pagina dominio domínio domaine domein strona domena internet homepage webmail"
)
LOGIN_WORDS = (
    "email mail user username login pppoe radius realm account customer subscriber auth authentication"
    " usuario utilisateur benutzer benutzername kunde identifiant gebruiker utente użytkownik utilizador session"
)

EXTENSION = r"(?:[ ,;]{0,2}(?i:ext|extension|x|#|poste|durchwahl|dw|anexo|int|toestel|wewn)[. :]{0,2}\d{1,6})?"


_FILES, _CODE = frozenset(NO_DOMAINS.split()), frozenset(NO_HOSTS.split())
_REALMS, _PERSONS = frozenset(NO_REALMS.split()), frozenset(NO_PERSONS.split())


def is_mailbox(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    if ".." in text or ".-" in domain or "-." in domain or local.endswith("."):
        return False
    labels = domain.lower().split(".")
    return labels[-1] not in _FILES and labels[0] not in ("2x", "3x")


def is_login(text: str) -> bool:
    local, _, realm = text.lower().rpartition("@")
    return realm not in _REALMS and local not in _PERSONS


def is_domain(text: str) -> bool:
    """`java.net` and `System.Net` are code."""
    first = text.lower().partition(".")[0]
    return first not in _CODE and "-." not in text


def is_no_ip_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) != 4 or not all(each.isdecimal() and int(each) <= 255 for each in parts)


def is_no_date(text: str) -> bool:
    return not re.match(
        r"\d{1,2}[./ -]\d{1,2}[./ -](?:(?:19|20)\d\d|\d\d$)|(?:19|20)\d\d[./ -]\d{1,2}[./ -]\d{1,2}", text
    )


def phone_patterns(regions: Iterable[str]) -> tuple[Pattern, ...]:
    """Whose national forms count depends on where the customers live."""
    phones = Phones(regions)
    home = sieve(lambda text: is_no_date(text) and is_no_ip_address(text) and phones.national(text))
    abroad = sieve(lambda text: phones.international(text) is True)

    def plus(text: str) -> bool | None:
        """An unassigned number is still meant as one, unless it is a measure with its sign."""
        return False if re.fullmatch(r"\+\d+\.\d+", text) else phones.international(text)

    def phone(name: str, regex: str, score: float, check: Check | None, hint: str | None = None) -> Pattern:
        return Pattern(
            type="PHONE_NUMBER",
            name=f"phone_{name}",
            regex=regex,
            score=score,
            context=tuple(PHONE_WORDS.split()),
            check=check,
            hint=hint,
        )

    return (
        phone(
            "international",
            rf"(?:^|[^\w+])(?P<v>\+[ ]?[1-9]\d{{0,3}}(?:[ ./-]{{0,2}}\(?\d{{1,12}}\)?){{1,7}}{EXTENSION})",
            0.8,
            plus,
            hint=r"\+[ ]?[1-9]",
        ),
        phone(
            "dialled_abroad",
            rf"\b(?:00|011[ -])[1-9]\d{{0,3}}(?:[ ./-]{{1,2}}\(?\d{{1,8}}\)?){{2,6}}{EXTENSION}",
            0.7,
            abroad,
        ),
        phone(
            "american",
            rf"(?:^|[^\w.+(-])(?P<v>(?:1[ .-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[ .-])\d{{3}}[ .-]\d{{4}}{EXTENSION})\b",
            0.65,
            None,
        ),
        phone(
            "trunk",
            rf"(?:^|[^\w.,:/\[-])(?P<v>\(?0[1-9]\d{{0,4}}\)?(?:"
            rf"(?:[ ./-]|[ ][/-][ ]|/[ ])\d{{2,8}}){{1,5}}{EXTENSION})\b",
            0.55,
            home,
        ),
        phone("grouped", rf"(?:^|[^\w.])(?P<v>[1-9]\d{{1,4}}(?:[ .-]\d{{2,7}}){{1,4}}{EXTENSION})\b", 0.35, home),
        phone("area", rf"\(\d{{2,5}}\)[ ]?\d{{3,5}}(?:[ .-]?\d{{2,4}}){{1,3}}{EXTENSION}\b", 0.6, home),
        phone("digits", rf"\b\d{{7,14}}{EXTENSION}\b", 0.3, home),
        phone("sip", r"\bsips?:(?P<v>\+?\d{6,15})@", 0.9, None),
        phone("local", r"\b[2-9]\d\d[-.]\d{4}\b", 0.3, None),
    )


EMAIL = (
    Pattern(
        type="EMAIL_ADDRESS",
        name="email",
        # Prompts, sessions and numbers that SIP calls come first: those have no `v`.
        regex=f"(?:\\bsips?:[+]?[0-9]{{4,16}}@|(?:^|\\n)[a-z][a-z0-9_.-]{{0,31}}@[A-Za-z0-9.-]{{1,63}}[>#%][ ]"
        f"|<(?:pppoe|l2tp|pptp|sstp)-[^\\s>]{{1,80}}>|(?P<v>{LOCAL}@{DOTTED}))",
        hint=f"[{WORD}+-]@[{LETTERS}0-9]",
        score=0.95,
        check=sieve(is_mailbox),
    ),
    Pattern(
        type="EMAIL_ADDRESS",
        name="email_quoted",
        regex=f'"[^"@\\n]{{1,64}}"@{DOTTED}',
        score=0.95,
    ),
    Pattern(
        type="EMAIL_ADDRESS",
        name="email_returned",
        regex=f"(?P<v>{LOCAL}=[{WORD}.-]{{3,80}}@{DOTTED})",
        score=0.95,
        check=sieve(lambda text: "." in text.rpartition("@")[0].rpartition("=")[2] and "+" in text),
    ),
    Pattern(
        type="EMAIL_ADDRESS",
        name="email_spelled",
        regex=r"(?i)\b[a-z0-9_.+-]{1,64}[ ]?[\[({<][ ]?(?:at|@|arroba|chez)[ ]?[\])}>][ ]?[a-z0-9-]{1,63}"
        r"(?:[ ]?[\[({<]?[ ]?(?:\.|dot|punkt|point|punto|ponto)[ ]?[\])}>]?[ ]?[a-z0-9-]{2,63}){1,3}\b",
        score=0.9,
    ),
    Pattern(
        type="EMAIL_ADDRESS",
        name="email_spoken",
        regex=r"(?i)\b[a-z0-9_.+-]{2,64} (?:at|arroba) [a-z0-9-]{2,63} (?:dot|punto|ponto) [a-z]{2,10}\b",
        score=0.75,
    ),
    Pattern(
        type="EMAIL_ADDRESS",
        name="email_of_realm",
        regex=f"(?:^|[^{WORD}.+@-])(?P<v>{LOCAL}@[{LETTERS}][{LETTERS}0-9-]{{1,61}}[{LETTERS}0-9])"
        f"(?:$|[^{WORD}.@>#%$:\\]-]|\\](?:$|[^ ]|[ ][^>])|>(?:$|[^ ])|:(?:$|[^~/])|\\.(?:$|\\s))",
        score=0.6,
        context=tuple(LOGIN_WORDS.split()),
        lifted=0.9,
        check=sieve(is_login),
    ),
)

BEFORE = r"(?:^|[ \t\r\n,;:=(\"'\[{<>/|])"
AFTER = r"(?:$|[ \t\r\n,;:)\"'\]}<>/?!|]|\.(?:$|\s))"


def domain(name: str, endings: str, score: float) -> Pattern:
    return Pattern(
        type="DOMAIN_NAME",
        name=name,
        regex=rf"{BEFORE}(?P<v>(?i:[a-z0-9][a-z0-9-]{{0,62}}(?:\.[a-z0-9][a-z0-9-]{{0,62}}){{0,4}}\."
        rf"(?:{endings}))){AFTER}",
        score=score,
        context=tuple(DOMAIN_WORDS.split()),
        check=sieve(is_domain),
    )


URL_END = r"[A-Za-z0-9/_=&%#~+$-]"
PATH = rf"/[^\s<>\"'`{{}}|\\^]{{0,300}}{URL_END}"
URLS = (
    Pattern(
        type="URL",
        name="url",
        regex=r"(?i)\b(?:https?|ftps?|sftp|wss?|sips?|rtsps?|rtmps?|ldaps?|ssh|telnet|smb|nfs|git|svn|tftp|scp"
        r"|rsync)://"
        rf"[^\s<>\"'`{{}}|\\^]{{1,500}}{URL_END}",
        score=0.7,
    ),
    Pattern(
        type="URL",
        name="url_with_login",
        regex=rf"(?i)\b[a-z][a-z0-9+]{{1,12}}://[^\s/@:<>\"'`]{{1,64}}"
        rf"(?::[^\s/@<>\"'`]{{0,100}})?@[^\s<>\"'`]{{1,300}}{URL_END}",
        score=0.95,
    ),
    Pattern(
        type="URL",
        name="url_with_secret",
        regex=r"(?i)\b(?:https?|wss?)://[^\s<>\"'`?]{1,200}\?[^\s<>\"'`]{0,200}"
        r"(?:token|key|secret|passw(?:or)?d|pwd|auth|sig|signature|session|sid|code|jwt|credential)=[^\s<>\"'`]{2,300}"
        + URL_END,
        score=0.95,
    ),
    Pattern(
        type="URL",
        name="url_without_scheme",
        regex=rf"{BEFORE}(?P<v>(?i:www\.[a-z0-9-]{{1,63}}\.[a-z0-9.-]{{1,80}}[a-z0-9](?::\d{{2,5}})?(?:{PATH})?"
        rf"|[a-z0-9][a-z0-9.-]{{0,80}}\.(?:{PLAIN}|{ANY})(?::\d{{2,5}})?{PATH}))",
        score=0.6,
        check=sieve(lambda text: ".." not in text.partition("/")[0]),
    ),
    domain("domain", PLAIN, 0.5),
    domain("domain_of_any", ANY, 0.35),
)

PATTERNS: tuple[Pattern, ...] = (*EMAIL, *phone_patterns(REGIONS), *URLS)
