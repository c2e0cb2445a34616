"""Who logs in to a device or a line."""

from appliance.privacy.proofs.words import is_login, is_ones_own, is_user
from appliance.privacy.scanning.label import MARK, PREFIXED, VERB, anyone, element, named
from appliance.privacy.scanning.pattern import Pattern

_NAME = r"[^\s\"'`,;:=<>(){}\[\]|*/#&?!](?:[^\s\"'`,;<>(){}\[\]|*]{0,62}[^\s\"'`,;<>(){}\[\]|*:.?!])?"
_GAP = r"[ \t]{1,4}"
_QUOTE = r"[\"']?"

_OF_LINE = (
    r"(?:user(?: name)?|login|account|benutzer(?:name)?|identifiant|usuario|utente|gebruiker(?:snaam)?|utilizador"
    r"|compte|użytkownik|gebruikersnaam|identifiant)"
    r" (?:pppoe|ppp|radius|sip|voip|vpn|internet|acs|dsl)"
)

SURE = 0.97
"""More than that it is an e-mail address: the name that a line logs in with has the form of one."""
# Realms that are no domains, and words in those that are.
_REALMS = "lan|local|localdomain|internal|intern|corp|home|priv|private|ppp|pppoe|ipoe|radius|isp|net0|dial|wan|access"
_ACCESS = (
    "dsl|pppoe|ftt[hbcx]|fttp|broadband|breitband|dialin|dial-in|fiber|fibre|fibra|glasfaser|hsi|ipoe|einwahl|kabel"
)

PATTERNS: tuple[Pattern, ...] = (
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
            gebruiker, utilisateur, identifiant, logowanie, account name, logon name, samaccountname
        """)
            + "|"
            + _OF_LINE
            + "|peer-id",
            _NAME,
            start=PREFIXED,
            link=MARK,
        ),
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.element",
        regex=element("(?:auth|ppp|pppoe)?[ _-]?(?:user(?:[ _-]?(?:name|id))?|login)|user><name", _NAME),
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.of_realm",
        # A prompt comes first, which has no `v`.
        regex=r"(?:^|\n)[a-z][a-z0-9_.-]{0,31}@[A-Za-z0-9.-]{1,63}(?:[>#%]|:[~/][^ \n]{0,60}[#$])"
        r"|(?:^|[^A-Za-z0-9_.+@%/-])(?:(?:pppoe|l2tp|pptp|sstp)-)?(?P<v>[A-Za-z0-9][A-Za-z0-9_.+/-]{0,62}@(?:[A-Za-z0-9-]{1,62}\.){0,3}"
        rf"(?:(?i:{_REALMS})[0-9]{{0,3}}|[A-Za-z0-9-]{{0,30}}(?i:{_ACCESS})[A-Za-z0-9-]{{0,30}}(?:\.[A-Za-z0-9-]{{2,30}}){{1,3}}))\b",
        score=SURE,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user",
        regex=named("user|login", _NAME, link=r"(?:[ \t]{0,4}[=][ \t]{0,4}[\"']?|[\"'][ \t]{0,4}[:=][ \t]{0,4}[\"'])"),
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_of_line",
        regex=named("user|login", _NAME, start=PREFIXED, link=MARK),
        score=SURE,
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
        name="logins.user_command",
        regex=rf"\b(?:ppp{_GAP}chap{_GAP}(?:hostname|user)|ppp{_GAP}pap{_GAP}(?:sent-username|local-user)"
        rf"|pppoe{_GAP}(?:user|username)"
        rf"|local-user|set{_GAP}system{_GAP}login{_GAP}user|snmp-server{_GAP}user|snmp-agent{_GAP}usm-user{_GAP}v3"
        rf"|ssh{_GAP}user|[cC]reateUser|mgt-config{_GAP}users|rouser|rwuser|option{_GAP}username|l2tp{_GAP}user"
        rf"|create{_GAP}(?:account{_GAP})?(?:admin|user)|user{_GAP}(?:add|create)"
        rf"|pap-username|chap-name|local-name|default-chap-secret|tacacs{_GAP}user|security{_GAP}operator|terminal{_GAP}user{_GAP}name|ip{_GAP}(?:ssh|ftp"
        rf"|http{_GAP}client){_GAP}username|su -|sudo -u|adduser|useradd){_GAP}{_QUOTE}(?P<v>{_NAME})",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.username_line",
        regex=rf"(?:^|\n)[ \t]{{0,12}}(?:username|user|set system login "
        rf"user){_GAP}{_QUOTE}(?P<v>{_NAME}){_QUOTE}(?:[ \t]{{0,4}}\r?\n|{_GAP}(?:privilege|password|secret|role"
        rf"|nopassword|class"
        rf"|algorithm-type|group|uid|authentication|access|autocommand|view|service-type)\b|[ \t]{{0,4}}\{{)",
        score=0.95,
        check=is_ones_own,
    ),
    Pattern(
        type="USERNAME",
        name="logins.session",
        regex=rf"\b(?i:(?:accepted|failed) (?:password|publickey|keyboard-interactive/pam) for (?:invalid user "
        rf"|illegal user )?|session (?:opened|closed) for user |authentication failure for (?:user )?"
        rf"|invalid user |login (?:failed|success(?:ful)?|failure|attempt)(?: for| by)?(?: user)?:? |log(?:ged)? (?:in"
        rf"|out) (?:as|by) (?:user )?|\[user: |pppoe user |session [0-9a-z]{{1,12}} of user |ppp,info,account "
        rf"|authentication failed for user )(?P<v>{_NAME})(?:[ \],.:\n]|$)",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_word",
        regex=rf"\b(?i:user-?name|user-?id|subscriber|login|user|identifiant|usuario|gebruikersnaam|benutzername"
        rf"|zugangskennung|utilizador){_GAP}{_QUOTE}"
        r"(?P<v>[^\s\"'`,;:=<>(){}\[\]|*/#&?!][^\s\"'`,;:<>(){}\[\]|*]{0,61}[^\s\"'`,;:<>(){}\[\]|*.?!])",
        score=0.7,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="logins.user_block",
        regex=r"(?i:\buser-?name|\buser|\blogin)[ \t]{1,4}[\"'](?P<v>[^\"'\n:]{1,64})[\"':]",
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
    Pattern(
        type="USERNAME",
        name="logins.of_variable",
        regex=r"_(?:USER(?:NAME)?|user(?:name)?)\"?"
        rf"[ \t]{{0,4}}[:=][ \t]{{0,4}}{_QUOTE}(?P<v>{_NAME})",
        hint=r"_(?:USER|user)(?:NAME|name)?\"?[ \t]{0,4}[:=]",
        score=0.94,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="logins.above",
        regex=r"\b(?i:user ?name|log-?in(?: name)?|user ?id|benutzername|identifiant|usuario|utente|gebruikersnaam)"
        rf"[ \t]{{0,4}}:[ \t]{{0,4}}\r?\n(?:[ \t]{{0,4}}\r?\n)?[ \t]{{0,12}}(?P<v>{_NAME})[ \t]{{0,4}}(?:\r?\n|$)",
        score=0.9,
        check=is_login,
    ),
)
