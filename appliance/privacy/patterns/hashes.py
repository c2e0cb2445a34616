"""Hashes of passwords, and passwords that a device has encrypted."""

from appliance.privacy.scanning.label import LINK, anyone, named
from appliance.privacy.scanning.pattern import Pattern

_GAP = r"[ \t]{1,4}"
_QUOTE = r"[\"']?"

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.snmp_localized",
        regex=r"\b(?:auth|priv)(?:entication|acy)?(?:[ \t]{1,4}[a-z0-9-]{2,12}){0,3}[ \t]{1,4}"
        r"(?P<v>0x[0-9A-Fa-f]{16,160})\b",
        score=0.97,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.crypt",
        regex=r"\$(?:1\$[^\s$\"']{0,8}\$[./0-9A-Za-z]{22}|5\$(?:rounds=[0-9]{1,9}"
        r"\$)?[^\s$\"']{0,16}\$[./0-9A-Za-z]{43}|6\$(?:rounds=[0-9]{1,9}"
        r"\$)?[^\s$\"']{0,16}\$[./0-9A-Za-z]{60,86}"
        r"|(?:8|9)\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}|2[abxy]?\$[0-9]{2}\$[./0-9A-Za-z]{53}|(?:y|gy"
        r"|7)\$[./0-9A-Za-z]{1,40}\$[./0-9A-Za-z]{1,60}\$[./0-9A-Za-z]{43}"
        r"|sha1\$[0-9]{1,9}\$[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}|apr1\$[^\s$\"']{1,8}\$[./0-9A-Za-z]{22}"
        r"|8\$[a-z0-9-]{3,40}(?:\$[^\s$\";]{1,120}){2,7}"
        r"|[a-z0-9-]{1,16}\$(?:[^\s$\"';]{1,100}\$){1,4}[./+=0-9A-Za-z]{20,128}"
        r"|argon2id?\$v=[0-9]{1,3}\$[a-z0-9=,]{1,60}\$[+/0-9A-Za-z]{8,90}\$[+/0-9A-Za-z]{16,120}"
        r"|pbkdf2[a-z0-9-]{0,16}\$[0-9]{1,9}\$[./+=0-9A-Za-z]{4,64}\$[./+=0-9A-Za-z]{16,120})",
        score=0.99,
    ),
    Pattern(type="PASSWORD_HASH", name="hashes.junos", regex=r"\$9\$[./0-9A-Za-z_-]{5,200}", score=0.98),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.huawei",
        regex=r"%\^%#[!-~]{8,180}%\^%#|%@%@[!-~]{8,180}%@%@|%\$%\$[!-~]{8,180}%\$%\$|@%@%[!-~]{8,180}@%@%"
        r"|%#%#[!-~]{8,180}%#%#|%\+%##[!-~]{8,180}%\+%#|\$1[a-c]\$[!-~]{8,160}\$",
        score=0.99,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.cisco7",
        regex=rf"\b(?:password|key|secret|key-string|community|pre-shared-key|md5|psk|ascii|auth-pass"
        rf"|authentication(?: mode)?){_GAP}(?:encrypted{_GAP})?7{_GAP}{_QUOTE}"
        rf"(?P<v>[0-1][0-9][0-9A-Fa-f]{{4,160}})\b",
        score=0.98,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.encrypted",
        regex=r"\b(?:community|key|password|secret)[ \t]{1,2}encrypted[ \t]{1,2}(?P<v>[01][0-9][0-9A-Fa-f]{4,160})\b",
        score=0.98,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.cisco6",
        regex=rf"\b(?:password|key|secret|psk|community|pre-shared-key(?:[ "
        rf"\t]{{1,4}}\S{{1,40}}){{0,4}}){_GAP}6{_GAP}(?P<v>[A-Za-z_`\^\[\]\\]{{10,160}})",
        score=0.95,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.cisco4",
        regex=rf"\b(?:secret|password){_GAP}(?:4{_GAP}[./0-9A-Za-z]{{43}}|(?:sha256|sha512|md5"
        rf"|encrypted){_GAP}[./0-9A-Za-z=+]{{22,128}})",
        score=0.9,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.fortinet",
        regex=r"\bENC[ \t]{1,2}(?P<v>[A-Za-z0-9+/=]{12,400})",
        score=0.9,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.hex_digest",
        regex=named(
            anyone("""
            (?:nt|lm|md5|sha1|sha256|sha512|ssha)? ?(?:password|passwd|pwd|pass) ?(?:hash|md5|sha1|sha256|digest)?,
            ntlm ?hash, nt ?hash, chap ?password, md5 ?password, phash, pwdhash, ha1
        """),
            r"(?:0x|\{[A-Za-z0-9-]{2,12}\})?(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{34}|[0-9A-Fa-f]{40}"
            r"|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})\b",
            link=LINK,
        ),
        score=0.9,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.nokia",
        regex=r"\"(?P<v>[^\"\s]{8,128})\"[ \t]{1,2}hash2?\b",
        score=0.9,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.hash2",
        regex=rf"\b(?:authentication-key|password|secret|key|community|md5"
        rf"|shared-secret){_GAP}(?P<v>[^\s\"]{{8,128}}){_GAP}hash2?\b",
        score=0.9,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.of_challenge",
        regex=r"\b(?:MS-)?CHAP2?-(?:Response|Challenge|Password|NT-Enc-PW|MPPE-Keys)[ \t]{0,4}[:+]?=[ \t]{0,4}"
        r"\"?(?P<v>0x[0-9A-Fa-f]{16,400})\b",
        score=0.98,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.of_digest_authentication",
        regex=r"\bresponse=\"(?P<v>[0-9a-f]{32})\"",
        score=0.98,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="hashes.of_domain_dump",
        regex=r":[0-9]{3,7}:(?P<v>[0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}):::",
        score=0.99,
    ),
)
