"""Secrets by the form of what holds them, or by what they are made of.

Classes are positive and of ASCII where they repeat, which keeps the automata small.
"""

from appliance.privacy.patterns import assignments, tokens
from appliance.privacy.proofs import secrecy
from appliance.privacy.scanning.pattern import Pattern

# These, and the tails of long tokens, repeat without a bound: what came behind a bound would go out with the request.
_BLOCK = r"[\t-~]{20,}?"
_RUN = r"[A-Za-z0-9_-]+"
_PRIVATE = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_SSH2 = r" SSH2 (?:ENCRYPTED )?PRIVATE KEY ----"
_PRIVATE_KEYS = {
    "private key": rf"-----BEGIN {_PRIVATE}{_BLOCK}-----END {_PRIVATE}",
    "private key, cut off": rf"-----BEGIN {_PRIVATE}[A-Za-z0-9+/=\s\\\"']{{40,}}",
    "private key of SSH2": rf"---- BEGIN{_SSH2}{_BLOCK}---- END{_SSH2}",
    "private key of PuTTY": rf"PuTTY-User-Key-File-[123]: {_BLOCK}Private-(?:MAC|Hash): [0-9a-f]{{40,64}}",
    "private key of WireGuard": r"(?:private|pre-?shared)[_-]?key\"? {0,3}[=: ] {0,3}\"?(?P<v>[A-Za-z0-9+/]{43}=)",
    "private JSON web key": r"\"[dk]\" {0,3}: {0,3}\"(?P<v>[A-Za-z0-9_-]{40,700})\"",
}

_SALTED = r"[./A-Za-z0-9+]"
_HASHES = {
    "bcrypt": rf"\$2[abxy]?\$[0-9]{{2}}\${_SALTED}{{53}}",
    "argon2": rf"\$argon2(?:id|i|d)\$v=[0-9]{{2}}\$[a-z0-9=,]{{5,24}}\${_SALTED}{{8,100}}\${_SALTED}{{16,200}}",
    "crypt": rf"\$(?:[1567y]|gy|md5|apr1|sha1)\$(?:rounds=[0-9]{{1,9}}\$|j9T\$)?{_SALTED}{{1,40}}\${_SALTED}{{20,100}}",
    "pbkdf2": rf"\bpbkdf2[_:][a-z0-9]{{3,8}}[$:][0-9]{{3,8}}\${_SALTED}{{4,64}}\${_SALTED}{{20,200}}={{0,2}}",
    "scrypt": r"\bscrypt:[0-9:]{5,16}\$[A-Za-z0-9]{8,64}\$[0-9a-f]{64,128}",
    "LDAP": rf"\{{S?SHA(?:256|384|512)?\}}{_SALTED}{{27,120}}={{0,2}}",
}

_USER = r"[!$-.0-9;=A-Z_a-z~]{0,100}"
_HOST = r"[A-Za-z0-9.\[][!#-&(-;=?-Z^-z~]{1,300}"
_KEPT_PART = r"(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|accesskey)=[!#-&(-:=-~]{1,200}"
_PART = r"(?:[a-z][a-z ]{1,40}=[ (-:=-~]{0,80}; ?)"
_FIRST_KEY = (
    r"(?:server|data source|host|hostname|database|initial catalog|user(?: id| name)?|uid|driver|provider|port|"
    r"defaultendpointsprotocol|accountname|endpoint|sharedaccesskeyname|deviceid|dsn|account)"
)
_CONNECTIONS = {
    "URL with a password": rf"\b[a-z][a-z0-9+.:-]{{1,40}}://{_USER}:[!$-.0-;=@A-Z^-z~|]{{1,200}}@{_HOST}",
    "pairs with a password": rf"\b{_FIRST_KEY}=[ (-:=-~]{{0,80}}; ?{_PART}{{0,3}}{_KEPT_PART}"
    rf"(?:; ?{_PART}{{0,3}}[a-z][a-z ]{{1,40}}=[A-Za-z0-9.:/_-]{{1,80}})?;?",
    "JDBC": r"\bjdbc:[a-z]{2,20}:[A-Za-z0-9:/@.,_-]{4,200}"
    r"[?;][A-Za-z0-9=&;_.:/-]{0,200}(?:password|pwd)=[!#-%(-:=?-~]{1,200}",
    "Oracle": r"\b[a-z0-9_$]{2,30}/[!#-.0-?A-Z_a-z~]{3,64}@(?://)?[a-z0-9.-]{2,80}:[0-9]{4,5}[/:][a-z0-9_.]{2,60}",
    "Go": r"(?P<v>\b[a-z][a-z0-9_.-]{0,30}:[!$-.0-9;=A-Z_a-z~]{3,100}@"
    r"(?:tcp|tcp4|unix|udp)\([^\s\"')]{3,100}\)/[a-z0-9_]{1,40}(?:\?[a-z0-9=&]{1,80})?)",
    "Sentry": r"\bhttps://[0-9a-f]{32}(?::[0-9a-f]{32})?@[a-z0-9./-]{4,200}",
}

_SECRET_WORDS = (
    "secret", "secrets", "token", "tokens", "password", "passwords", "apikey", "credential", "credentials",
    "passphrase",    "passwort", "kennwort", "geheimnis", "contraseña", "wachtwoord", "senha", "hasło", "пароль",
)  # fmt: skip

PATTERNS: tuple[Pattern, ...] = (
    *tokens.PATTERNS,
    *assignments.PATTERNS,
    *(
        Pattern(type="PRIVATE_KEY", name=name, regex=regex, score=1.0, ignore_case=True)
        for name, regex in _PRIVATE_KEYS.items()
    ),
    *(Pattern(type="PASSWORD_HASH", name=name, regex=regex, score=0.95) for name, regex in _HASHES.items()),
    *(
        Pattern(
            type="CONNECTION_STRING", name=name, regex=regex, score=0.98, check=secrecy.connection, ignore_case=True
        )
        for name, regex in _CONNECTIONS.items()
    ),
    Pattern(
        type="JWT",
        name="JSON web token",
        regex=rf"\beyJ{_RUN}\.{_RUN}\.(?:{_RUN}(?:\.{_RUN}\.{_RUN})?)?",
        score=0.9,
        check=secrecy.json_web_token,
    ),
    Pattern(
        type="TOKEN",
        name="Basic authentication",
        regex=r"\bBasic {1,2}(?P<v>[A-Za-z0-9+/]{6,500}={0,2})",
        score=0.9,
        check=secrecy.user_and_password,
        ignore_case=True,
    ),
    Pattern(
        type="TOKEN",
        name="encoded user and password",
        regex=r"\"auth\" {0,2}: {0,2}\"(?P<v>[A-Za-z0-9+/]{6,500}={0,2})\"",
        score=0.9,
        check=secrecy.user_and_password,
    ),
    Pattern(
        type="SECRET",
        name="key of Laravel",
        regex=r"\bbase64:(?P<v>[A-Za-z0-9+/]{40,90}={0,2})",
        score=0.9,
    ),
    Pattern(
        type="TOKEN",
        name="bearer",
        regex=r"\b(?:Bearer|SSWS|Splunk|GenieKey|Token(?: token=)?) {1,2}\"?(?P<v>[A-Za-z0-9_.~+/|-]{16,1000}={0,2})",
        score=0.9,
        check=secrecy.key,
        ignore_case=True,
    ),
    Pattern(
        type="TOKEN",
        name="cookie",
        regex=r"\b(?:[A-Za-z0-9_.-]{0,40}(?:sess|sid|auth|jwt|remember)[A-Za-z0-9_.-]{0,24})=(?P<v>[A-Za-z0-9%+/_.~-]{16,500})",
        score=0.6,
        check=secrecy.drawn,
        ignore_case=True,
    ),
    Pattern(
        type="SECRET",
        name="looks drawn by lot",
        regex=r"(?:^|[^A-Za-z0-9+/_=.~-])(?P<v>[A-Za-z0-9+/_-]{16,128}={0,2})(?:[^A-Za-z0-9+/_=.~-]|$)",
        words_first=True,
        score=0.15,
        context=_SECRET_WORDS,
        lifted=0.7,
        check=secrecy.drawn_wide,
    ),
)
