"""Who logs in to a device or a line, and with what: user names and SNMP communities."""

from appliance.privacy.label import MARK, PREFIXED, VERB, anyone, named
from appliance.privacy.pattern import Pattern
from appliance.privacy.words import is_community, is_login, is_ones_own, is_secret, is_user

_NAME = r"[^\s\"'`,;:=<>(){}\[\]|*/#&?!](?:[^\s\"'`,;<>(){}\[\]|*]{0,62}[^\s\"'`,;<>(){}\[\]|*:.?!])?"
_TOKEN = r"[^\s\"'`]{0,199}[^\s\"'`;,.)}\]]"  # noqa: S105
_GAP = r"[ \t]{1,4}"
_QUOTE = r"[\"']?"

_OF_LINE = (
    r"(?:user(?: name)?|login|account|benutzer(?:name)?|identifiant|usuario|utente|gebruiker(?:snaam)?|utilizador"
    r"|compte)"
    r" (?:pppoe|ppp|radius|sip|voip|vpn|internet)"
)

USERS = (
    Pattern(
        type="USERNAME",
        name="logins.radius",
        regex=named(
            anyone("""
            user ?name, stripped user name, ppp ?user, pppoe ?user(?: ?name)?, ppp ?username,
            acct ?user(?: ?name)?, login ?name, user ?id, benutzer(?:name|kennung)?, zugangskennung,
            anschlusskennung, einwahlkennung, identifiant(?: de connexion)?, nom d'utilisateur, usuario,
            nombre de usuario, utente, nome utente, gebruikersnaam, utilizador, usuário, nome de usuário,
            nazwa użytkownika, użytkownik, users?[.0-9]{0,6}name, auth ?user, auth ?name, auth id,
            (?:sip|voip|vpn|ftp|ssh|web|acs|wan) ?user(?: ?name)?, kennung, t-online-nummer, zugangsnummer, benutzer,
            gebruiker, utilisateur, identifiant, logowanie
        """)
            + "|"
            + _OF_LINE,
            _NAME,
            start=PREFIXED,
            link=MARK,
        ),
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user",
        regex=named("user|login", _NAME, link=r"(?:[ \t]{0,4}[=][ \t]{0,4}[\"']?|[\"'][ \t]{0,4}[:=][ \t]{0,4}[\"'])"),
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_of_line",
        regex=named("user|login", _NAME, start=PREFIXED, link=MARK),
        score=0.8,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="logins.told",
        regex=named(
            anyone("""
            user ?name, login(?: name)?, user ?id, benutzername, zugangskennung, identifiant, nom d'utilisateur,
            usuario, nombre de usuario, nome utente, utente, gebruikersnaam, utilizador, usuário, użytkownika
        """),
            _NAME,
            link=VERB,
        ),
        score=0.75,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_acts",
        regex=rf"\b(?i:user)[ \t]{_QUOTE}(?P<v>{_NAME}){_QUOTE}[ \t](?:logged|login|from|has|authenticated|connected"
        r"|disconnected|rejected|accepted|failed|on)\b",
        score=0.75,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.by_console",
        regex=rf"\b(?:(?:console|vty0|configured|changed|committed|commit) by"
        rf"|sudo:)[ \t]{{1,4}}(?P<v>{_NAME})[ \t](?:on|from|via|:|at)",
        score=0.8,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.session_interface",
        regex=rf"<(?:pppoe|l2tp|pptp|sstp|ovpn)-(?P<v>{_NAME})>",
        score=0.95,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_command",
        regex=rf"\b(?:ppp{_GAP}chap{_GAP}(?:hostname|user)|ppp{_GAP}pap{_GAP}(?:sent-username|local-user)"
        rf"|pppoe{_GAP}(?:user|username)"
        rf"|local-user|set{_GAP}system{_GAP}login{_GAP}user|snmp-server{_GAP}user|snmp-agent{_GAP}usm-user{_GAP}v3"
        rf"|ssh{_GAP}user|option{_GAP}username|l2tp{_GAP}user"
        rf"|create{_GAP}(?:account{_GAP})?(?:admin|user)|user{_GAP}(?:add|create)"
        rf"|pap-username|chap-name|local-name|default-chap-secret|tacacs{_GAP}user|ip{_GAP}(?:ssh|ftp"
        rf"|http{_GAP}client){_GAP}username|su -|sudo -u|adduser|useradd){_GAP}{_QUOTE}(?P<v>{_NAME})",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.username_line",
        regex=rf"(?:^|\n)[ \t]{{0,12}}(?:username|user|set system login "
        rf"user){_GAP}{_QUOTE}(?P<v>{_NAME}){_QUOTE}(?:[ \t]{{0,4}}\r?\n|{_GAP}(?:privilege|password|secret|role"
        rf"|nopassword|class"
        rf"|algorithm-type|group|uid|authentication|access|autocommand|view|service-type)\b)",
        score=0.95,
        check=is_ones_own,
    ),
    Pattern(
        type="USERNAME",
        name="logins.session",
        regex=rf"\b(?i:(?:accepted|failed) (?:password|publickey|keyboard-interactive/pam) for (?:invalid user "
        rf"|illegal user )?|session (?:opened|closed) for user |authentication failure for (?:user )?"
        rf"|invalid user |login (?:failed|success(?:ful)?|attempt)(?: for| by)?(?: user)?:? |logged (?:in"
        rf"|out) (?:as|by) (?:user )?|\[user: |pppoe user )(?P<v>{_NAME})[ \],.:]",
        score=0.8,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_word",
        regex=rf"\b(?i:user-?name|user-?id|subscriber|login|user){_GAP}{_QUOTE}(?P<v>{_NAME})",
        score=0.7,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_block",
        regex=r"(?i:\buser-?name|\buser|\blogin)[ \t]{1,4}[\"'](?P<v>[^\"'\n]{1,64})[\"']",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_and_password",
        regex=rf"[ \t](?:name=\S{{1,64}}[ \t](?:[a-z0-9-]{{1,30}}=\S{{1,60}}[ \t]){{0,8}}user="
        rf"|name=\"?(?P<v>{_NAME})\"?[ \t](?:[a-z0-9-]{{1,30}}=\S{{1,60}}[ \t]){{0,6}}(?:password|secret)=)",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.mikrotik",
        regex=rf"\b(?:/?ppp (?:secret|active)|/user|/ip hotspot user|pppoe-client"
        rf"|l2tp-client)[^\n]{{0,80}}[ \t](?:name|user)=\"?(?P<v>{_NAME})",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.mikrotik_user",
        regex=rf"[ \t](?:user|default-user|caller|username)=\"?(?P<v>{_NAME})",
        score=0.8,
        check=is_user,
    ),
)

COMMUNITIES = (
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_command",
        regex=rf"\b(?:snmp-server{_GAP}community|snmp{_GAP}(?:[a-z-]{{1,16}}{_GAP}){{0,3}}community|snmp-community"
        rf"|(?:get|set|trap|ro|rw)-community|r[ow]community6?|trapcommunity"
        rf"|snmp-agent{_GAP}(?:sys-info{_GAP})?community(?:{_GAP}complexity-check)?"
        rf"|set{_GAP}snmp{_GAP}community|/snmp{_GAP}community{_GAP}(?:add"
        rf"|set)(?:{_GAP}\S{{1,40}}){{0,4}}{_GAP}name=|snmp{_GAP}community\r?\n(?:set"
        rf"|add)[^\n]{{0,80}}[ \t]name=|community-name|com2sec6?{_GAP}\S{{1,32}}{_GAP}\S{{1,48}}"
        rf"|securityname)[ \t]{{0,4}}(?:(?:read|write|ro|rw|read-only|read-write|cipher|simple|trap"
        rf"|[0-9]){_GAP}){{0,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_any",
        regex=rf"(?:^|\n)[ \t]{{0,8}}(?:create|config|configure|set|add"
        rf"|snmpv?[0-9c]{{0,2}})[ \t][^\n]{{0,60}}\bcommunity{_GAP}"
        rf"(?:(?:read|write|ro|rw|readonly|readwrite|read-only|read-write|add"
        rf"|encrypted){_GAP}){{0,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.8,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_host",
        regex=rf"\bsnmp-server{_GAP}host{_GAP}\S{{2,60}}{_GAP}(?:(?:vrf{_GAP}\S{{1,32}}|traps?|informs?|version|v?1"
        rf"|v?2c?|use-vrf{_GAP}\S{{1,32}}|udp-port{_GAP}[0-9]{{1,5}}|community){_GAP}){{0,6}}(?P<v>{_TOKEN})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_named",
        regex=named(
            anyone("""
            snmp ?(?:v?2c? ?)?(?:ro|rw|read|write)? ?community(?: ?(?:string|name))?, community ?(?:string|name),
            (?:ro|rw|read|write) ?community, snmp ?(?:ro|rw)? ?string, snmp-communit[yé], communauté snmp,
            comunidad snmp, r[ow]community
        """),
            _TOKEN,
            start=PREFIXED,
            link=MARK,
        ),
        score=0.85,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_quoted",
        regex=rf"\bcommunity{_GAP}\"(?P<v>[^\"\n]{{1,64}})\"",
        score=0.95,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_block",
        regex=r"\bsnmp[ \t]{0,2}\{[^{}]{0,200}\bcommunity[ \t]{1,4}\"?(?P<v>[^\s\"{;]{1,64})",
        score=0.85,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="logins.community_tool",
        regex=r"\bsnmp(?:walk|get|getnext|bulkwalk|bulkget|set|table|trap|check|status)[ \t][^\n"
        r"|;]{0,60}-c[ \t]{0,2}['\"]?(?P<v>[^\s'\"]{1,64})",
        score=0.95,
        check=is_secret,
    ),
)

PATTERNS: tuple[Pattern, ...] = USERS + COMMUNITIES
