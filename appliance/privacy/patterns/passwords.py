"""Passwords of devices and lines, and their hashes, as configurations and people write them."""

from appliance.privacy.proofs.words import has_value, is_mixed, is_secret, is_strong
from appliance.privacy.scanning.label import MARK, START, VERB, anyone, element, named
from appliance.privacy.scanning.pattern import Pattern

_TOKEN = r"[^\s\"'`<]{0,199}[^\s\"'`<;,.)}\]]"  # noqa: S105
_GAP = r"[ \t]{1,4}"
# How a configuration says what form the secret behind it has.
_FORM = (
    rf"(?:(?:level{_GAP}[0-9]{{1,2}}|privilege{_GAP}[0-9]{{1,2}}|role{_GAP}[a-z-]{{1,30}}|[0-9]{{1,2}}|encrypted"
    rf"|cipher|simple|plain-text|plaintext"
    rf"|irreversible-cipher|hash2?|hashed|sha512|sha256|sha|md5|ascii-text|ascii|hexadecimal|hex|clear|cleartext"
    rf"|unencrypted|hmac-[a-z0-9-]{{1,12}}"
    rf"|password|key|phrase|ENC|text|value){_GAP})"
)
_QUOTE = r"[\"']?"
_WORDS = (
    "password|passwd|secret|key|key-string|pre-shared-key|pre-shared-secret|shared-key|shared-secret"
    "|authentication-key|auth-key|md5-key|md5|psk|passphrase"
    "|authkey|privkey|chap-secret|wpa-psk|encrypted-password|plain-text-password|plain-text-password-value"
    "|super-user-password|cleartext-password|auth-pass"
    "|psksecret|simple-password|sae-password|bind-password|ppp-password|ploam-password|slid|pass"
)

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="PASSWORD",
        name="passwords.typed",
        regex=rf"\b(?:{_WORDS}){_GAP}{_FORM}{{1,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.8,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="passwords.typed_hash",
        regex=rf"\b(?:{_WORDS}){_GAP}(?:local{_GAP}|hash{_GAP})?(?:[1-9]|10|cipher|encrypted|irreversible-cipher"
        rf"|hash2?|hashed|sha512|sha256|sha1|bcrypt|ENC){_GAP}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="passwords.hash_before_its_form",
        regex=rf"\b(?:md5|key|password|secret|key-string){_GAP}(?P<v>[01][0-9][0-9A-Fa-f]{{4,160}}){_GAP}7\b",
        score=0.95,
    ),
    Pattern(
        type="PASSWORD_HASH",
        name="passwords.hash_of_user",
        regex=rf"\b(?:password|secret|user|user-name|passwd)[ \t][ -~]{{0,80}}[ ](?:sha1|sha256|sha512|md5"
        rf"|nt)[ :=]{_QUOTE}(?P<v>(?:[0-9A-Fa-f]{{32}}|[0-9A-Fa-f]{{40}}|[0-9A-Fa-f]{{64}}))\b",
        score=0.95,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.set_command",
        regex=rf"(?:^|\n)[ \t]{{0,16}}(?:set|configure|config|create|add"
        rf"|/[a-z]{{2,16}})[ \t][ -~]{{0,160}}[ ](?:{_WORDS}){_GAP}{_FORM}{{0,3}}{_QUOTE}(?:plain:)?(?P<v>{_TOKEN})",
        score=0.75,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.last_of_line",
        regex=rf"\b(?:{_WORDS}){_GAP}{_FORM}{{0,3}}{_QUOTE}(?P<v>{_TOKEN}){_QUOTE};?[ \t]{{0,4}}(?:$|[\r\n])",
        score=0.7,
        check=is_mixed,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.command",
        regex=rf"(?:^|\n)[ \t]{{0,16}}(?:set{_GAP})?(?:enable(?:{_GAP}(?:password|secret))|password|secret|key-string"
        rf"|authentication-key|pre-shared-key|passwd|psksecret|shared-secret|auth-password|priv-password|"
        rf"wpa-passphrase|encrypted-password|plain-text-password-value|simple-password|sae-password"
        rf"|ppp{_GAP}chap{_GAP}password|login{_GAP}password|bind-password"
        rf"|md5-key){_GAP}{_FORM}{{0,3}}{_QUOTE}(?P<v>{_TOKEN}){_QUOTE};?[ \t]{{0,4}}(?:$|[\r\n#!])",
        score=0.75,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.inline",
        regex=rf"\b(?:(?:username|user|local-user|neighbor|peer|sent-username"
        rf"|usm-user{_GAP}v3){_GAP}\S{{1,64}}(?:{_GAP}(?:privilege|role|group|class|level|access"
        rf"|service-type){_GAP}\S{{1,30}}){{0,2}}{_GAP}(?:password|secret|authentication-key)"
        rf"|(?:tacacs|radius|tacacs-server|radius-server|hwtacacs|aaa|ldap)(?:{_GAP}\S{{1,40}}){{0,10}}{_GAP}(?:key"
        rf"|secret|shared-key|shared-secret)"
        rf"|server(?:-private)?{_GAP}[0-9.]{{7,15}}(?:{_GAP}\S{{1,20}}){{0,6}}{_GAP}(?:key|secret)"
        rf"|isakmp{_GAP}key|nhrp{_GAP}authentication|ospf{_GAP}authentication-key|message-digest-key{_GAP}[0-9]{{1,3}}{_GAP}(?:md5|sha)"
        rf"|isis{_GAP}password|area-password|domain-password"
        rf"|(?:standby|vrrp|glbp)(?:{_GAP}[0-9]{{1,3}})?{_GAP}authentication(?:{_GAP}(?:text|md5{_GAP}key-string))?"
        rf"|ntp{_GAP}authentication-key{_GAP}[0-9]{{1,5}}{_GAP}(?:md5|sha1|sha)"
        rf"|pre-shared-key{_GAP}(?:address{_GAP}\S{{7,40}}{_GAP}key|local|remote|ascii-text|hexadecimal)"
        rf"|chap{_GAP}password|pap{_GAP}password|auth{_GAP}(?:md5|sha|sha256)|priv{_GAP}(?:des|3des"
        rf"|aes(?:{_GAP}(?:128|192|256))?)"
        rf"|chap-secret|default-chap-secret|md5-key|simple-password|ip{_GAP}ftp{_GAP}password|option{_GAP}password"
        rf"|keyring{_GAP}\S{{1,32}}{_GAP}key)"
        rf"{_GAP}{_FORM}{{0,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.assigned",
        regex=named(
            anyone("""
            (?:[a-z]{1,16} )?(?:password|passwd|passwort|kennwort|pwd|passphrase),
            (?:radius |shared |ipsec |l2tp |chap |ppp )?secret, ipsec ?secret, authentication ?key,
            wpa2? ?pre ?shared ?key, private ?key, mot de passe, mdp, contraseña, clave(?: de acceso)?,
            parola d'ordine, wachtwoord, senha, palavra-passe, hasło, persönliches kennwort, zugangskennwort,
            enable ?secret, tcp ?md5 ?(?:key|password)?, bgp ?password
        """),
            _TOKEN,
            link=MARK,
            # Not in the query of a web address, where `&` ends the value.
            start=r"(?:^|[^?&A-Za-z0-9_]|(?:^|[^?&A-Za-z0-9_.-])[A-Za-z0-9_.-]{0,40}_)",
        ),
        score=0.8,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.element",
        regex=element("(?:[a-z.]{0,20})?pass(?:word|wd|phrase|code)?|pwd|secret|(?:shared|md5)[ _-]?key"),
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.of_line",
        regex=named(
            anyone(
                "loid, slid, sub ?sloc ?id, ploam ?(?:password|pwd), registration ?id, reg ?id, voucher(?:"
                " code)?, (?:activation|unlock|access) ?code"
            ),
            r"\b[A-Za-z0-9_-]{6,24}\b",
        ),
        score=0.75,
        check=has_value(1),
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.told",
        regex=named(
            anyone("""
            pass(?:word|phrase|wd|wort), kennwort, pwd, secret, mot de passe, mdp, contraseña, clave, wachtwoord,
            senha, palavra-passe, hasło, shared ?key, community
        """),
            _TOKEN,
            link=VERB,
        ),
        score=0.75,
        check=is_mixed,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.assigned_quoted",
        regex=rf"{START}(?i:password|passwd|secret|passphrase|psk|passwort|kennwort)[ \t]{{0,4}}(?:[:=]{{1,2}}|:="
        rf"|=>)?[ \t]{{0,4}}\"(?P<v>[^\"\n {{][^\"\n]{{0,127}})\"",
        score=0.7,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.key_quoted",
        regex=rf"{START}(?i:key)\"?[ \t]{{0,4}}(?:[:=]{{1,2}}|=>)?[ \t]{{0,4}}\"(?P<v>[^\"\n]{{4,128}})\"",
        score=0.7,
        check=is_mixed,
    ),
    Pattern(
        type="API_KEY",
        name="passwords.key_in_code",
        regex=r"\bkey[ ]{0,2}[:=][ ]{0,2}'(?P<v>[A-Za-z0-9+/_-]{16,128}={0,2})'",
        score=0.7,
        check=is_strong,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.beside",
        regex=rf"\b(?i:password|passwort|kennwort|mot de passe|contraseña|wachtwoord|senha|palavra-passe|hasło|mdp"
        rf"|pwd){_GAP}(?:plain:)?(?P<v>{_TOKEN})",
        score=0.7,
        check=is_strong,
    ),
    Pattern(
        type="PASSWORD",
        name="passwords.tunnel",
        regex=rf"\b(?:ike(?:v[12])?|ipsec|isakmp|phase1)[ \t][^\n]{{0,80}}(?:pre-shared-key|psk"
        rf"|secret){_GAP}{_FORM}{{0,2}}"
        rf"{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
)
