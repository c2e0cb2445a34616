"""Passwords where no name of a field says so: of tools, files and databases."""

from appliance.privacy.proofs.words import is_secret, is_strong
from appliance.privacy.scanning.pattern import Pattern

_TOKEN = r"[^\s\"'`<]{0,199}[^\s\"'`<;,.)}\]]"  # noqa: S105
_QUOTE = r"[\"']?"
_GAP = r"[ \t]{1,4}"

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="PASSWORD",
        name="credentials.snmp_user",
        regex=rf"\b(?:createUser|usmUser)[ \t]\S{{1,64}}(?:[ \t](?:MD5|SHA"
        rf"(?:-?[0-9]{{3}})?)[ \t]"
        rf"{_QUOTE}\S{{1,64}}[ \t](?:DES|AES(?:-?[0-9]{{3}})?)|[ \t](?:MD5|SHA"
        rf"(?:-?[0-9]{{3}})?))[ \t]{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.snmp_digest",
        regex=r"\b(?:MD5|SHA(?:-?[0-9]{3})?)[ \t]\"(?P<v>[^\"\n]{8,64})\"",
        score=0.8,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.snmp_tool",
        regex=r"[ ]-[aAxX][ ]{1,2}(?:MD5|SHA(?:-?[0-9]{3})?|DES|AES(?:-?[0-9]{3})?)[ ]{1,2}-[AX][ ]{1,2}"
        rf"{_QUOTE}(?P<v>{_TOKEN})",
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_client",
        regex=r"\bradtest(?:[ \t]{1,2}\S{1,64}){3}[ \t]{1,2}[0-9]{1,5}[ \t]{1,2}(?P<v>\S{3,64})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.in_radius_table",
        regex=r"'(?:Cleartext|Crypt|NT|User|MD5)-Password',[ ]?'[:=+!]{1,2}',[ ]?'(?P<v>[^'\n]{1,128})'",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_value",
        regex=r"(?i:password|passphrase|passwd|secret)\"[ ]?:[ ]?\{[ ]?\"_?value\"[ ]?:[ ]?\"(?P<v>[^\"\n]{1,128})\"",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.defined",
        regex=r"'[A-Z_]{0,30}(?:PASSWORD|PASSWD|KEY|SALT|SECRET|TOKEN)',[ ]{0,16}'(?P<v>[^'\n]{4,128})'",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.sent",
        regex=r"\bsend(?:line)?[ ](?:--[ ])?\"(?P<v>[^\"\n\\]{4,64})\\[rn]\"",
        score=0.9,
        check=is_strong,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_file",
        regex=r"\badd password \S{1,40} \{?(?P<v>[^\s{}]{3,64})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_file_enable",
        regex=r"\badd password \S{1,40} \S{3,64} \{?(?P<v>[^\s{}]{3,64})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_unit",
        regex=r"\b(?:password|loid)-auth[ ]\"?(?P<v>[^\s\"]{4,32})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.clear",
        regex=r"\bcleartext[ ]\"(?P<v>[^\"\n]{3,128})\"",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_inventory",
        regex=r"(?:^|\n)[^\s:]{1,63}:[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[a-z0-9_-]{2,16}:[A-Za-z0-9_.-]{1,40}:(?P<v>[^\s:]{3,128})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_tunnel",
        regex=r"<auth-user-pass>\s{1,2}\S{1,64}\s{1,2}(?P<v>\S{3,128})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_database",
        regex=r"(?:->connect|\bmysqli?_connect|\bnew (?:mysqli|PDO)|real_connect)\([^\n\"',]{0,16}"
        r"[\"'][^\n\"']{1,80}[\"'],[ ]?[\"'][^\n\"']{1,64}[\"'],[ ]?[\"'](?P<v>[^\n\"']{3,64})[\"']",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.directory",
        regex=rf"(?:^|\n)[ \t]{{0,8}}(?:bindpw|rootpw|bind_password|ldap_bind_pw)[ \t:=]{{1,4}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.windows",
        regex=r"ConvertTo-SecureString[ ](?:-String[ ])?[\"'](?P<v>[^\"'\n]{3,128})[\"']",
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.windows_share",
        regex=rf"\bnet use[^\n]{{1,120}}/user:\S{{1,64}}[ ](?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.database_file",
        regex=r"(?:^|\n)[A-Za-z0-9.*-]{1,80}:(?:[0-9]{2,5}|\*):[A-Za-z0-9_*-]{1,40}:[A-Za-z0-9_.-]{1,60}:(?P<v>[^\s:]{4,128})(?:\r?\n|$)",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.asked_for",
        regex=rf"\b(?i:password|passwd|passwort|kennwort|pwd?|pass|creds|credentials)\b[^\n]{{0,60}}\n[^\n]{{0,24}}"
        rf"\b(?i:its|it's|it is|use|try|it should be|ist|c'est|es|è)[ ]{{1,2}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.7,
        check=is_strong,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.psk_file",
        regex=r":[ \t]{1,4}(?:PSK|XAUTH|EAP)[ \t]{1,4}\"?(?P<v>[^\"\s]{1,128})",
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.chap_secrets",
        regex=r"(?:(?:^|\n)[ \t]{0,4}|[ ]['\"])\"?[^\s\"#:]{1,64}\"?[ \t]{1,20}(?:\*|\"\*\"|x?l2tpd"
        r"|pptpd|pppoe|ppp)[ \t]{1,20}\"?(?P<v>[^\s\"]{1,64})\"?[ \t]{1,20}(?:\*|\"\*\"|[0-9]{1,3}\.)",
        score=0.95,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.command_line",
        regex=r"\b(?:sshpass[ \t]{1,2}-p[ \t]{0,2}|curl[^\n]{0,80}[ \t]-u[ \t]{0,2}[^\s:]{1,64}:"
        r"|mysql[^\n]{0,60}[ \t]-p|ftp://[^\s:/@]{1,64}:|radtest[ \t]{1,2}\S{1,64}[ \t]{1,2}"
        r"|radclient[^\n]{0,80}[ \t](?:auth|acct|coa|disconnect|status)[ \t]{1,2})['\"]?(?P<v>[^\s'\"@]{1,64})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_bind",
        regex=r"\b(?:ldap_bind|ftp_login|imap_open|ssh2_auth_password)\([^\n\"']{0,24},[ ]?"
        r"[\"'][^\n\"']{1,120}[\"'],[ ]?[\"'](?P<v>[^\n\"']{3,64})[\"']",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.share_before_user",
        regex=r"\bnet use[ ][^\n]{0,40}\\\\[^\s]{1,120}[ ](?P<v>[^\s/]\S{2,63})[ ]/u",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.after_user_option",
        regex=rf"\b(?:ipmitool|sqlcmd|xfreerdp|bcp|lftp|docker login|podman login|oc login|az login)\b[^\n]{{0,120}}[ ]"
        rf"(?:-[UuP]|--username)[ =]?[^\n\s]{{1,64}}[ ](?:-[Pp] ?|--password[ =]){_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.in_radius_log",
        regex=r"\bLogin (?:OK|incorrect)[^\n\[]{0,80}: \[[^\s\[\]/]{1,80}/(?P<v>[^<\]\n][^\]\n]{0,63})\]",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_terminal_user",
        regex=r"\bterminal user name[ ]{1,2}\S{1,40}[ ]{1,2}(?P<v>\S{4,64})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.beside_user",
        regex=rf"\b(?i:log ?in|sign in|log on|anmelden|connect|access it) (?i:with|as|mit|using)"
        rf" \S{{2,63}} ?/ ?(?P<v>{_TOKEN})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_protocol",
        regex=r"\b(?i:tacacs|radius|ospf|isis|bgp|eigrp|rip|hsrp|vrrp|ldp|ntp|ike|ipsec|enable|snmp_?v3)"
        rf"[_-](?i:key|md5|secret|auth|psk|priv|password)\"?[ \t]{{0,4}}[:=][ \t]{{0,4}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_server",
        regex=r"(?:^|\n)[ \t]{0,4}(?:aaa-server|tacacs|radius|keyring|peer|key chain|server)[^\n]{0,80}\r?\n"
        r"(?:[ \t]{1,8}[^\n]{1,80}\r?\n){0,2}[ \t]{1,8}key[ \t]{1,4}(?:[0-9][ \t]{1,4})?"
        rf"(?P<v>{_TOKEN})[ \t]{{0,4}}(?:\r?\n|$)",
        hint=r"\n[ \t]{1,8}key[ \t]{1,4}[!-~]",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_mode",
        regex=rf"\bauthentication-mode{_GAP}(?:simple|md5|hmac-[a-z0-9-]{{3,12}}|password){_GAP}(?:[0-9]{{1,3}}{_GAP})?"
        rf"(?:(?:cipher|plain|simple){_GAP})?(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_pair",
        regex=r"\bauth ?= ?\([\"'][^\"'\n]{1,64}[\"'], ?[\"'](?P<v>[^\"'\n]{3,64})[\"']",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_call",
        regex=r"\.(?:login|authenticate|connect)\((?:[\"'][^\"'\n]{1,80}[\"'], ?(?:[0-9]{1,5}, ?)?){1,2}"
        r"[\"'](?P<v>[^\"'\n]{3,64})[\"']\)",
        score=0.85,
        check=is_strong,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_tool",
        regex=r"\b(?:ldap(?:search|modify|add|delete|whoami|passwd)\b[^\n]{0,160} -w "
        rf"|htpasswd -[a-zA-Z]{{0,4}}b[a-zA-Z]{{0,4}} \S{{1,80}} \S{{1,64}} "
        r"|(?:unzip|zip|7z|rar|mosquitto_(?:pub|sub))\b[^\n]{0,80} -[pP] ?"
        rf"|smbclient\b[^\n]{{0,80}} -U ?[\"']?[^\s%\"']{{1,64}}%){_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.of_key_file",
        regex=r"\bssh-keygen\b[^\n]{0,80} -[NP] ?[\"'](?P<v>[^\"'\n]{3,64})[\"']",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="PASSWORD",
        name="credentials.piped",
        regex=rf"\b(?:echo|printf)(?: -n)? {_QUOTE}(?P<v>[^\"'\s|]{{4,64}}){_QUOTE} ?\| ?sudo -S",
        score=0.95,
        check=is_secret,
    ),
)
