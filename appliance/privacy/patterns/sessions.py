"""Who logs in, where no name of a field says so: prompts, logs, tools, files."""

from appliance.privacy.proofs.words import is_login, is_ones_own, is_user
from appliance.privacy.scanning.pattern import Pattern

_NAME = r"[^\s\"'`,;:=<>(){}\[\]|*/#&?!](?:[^\s\"'`,;<>(){}\[\]|*]{0,62}[^\s\"'`,;<>(){}\[\]|*:.?!])?"
_QUOTE = r"[\"']?"
SURE = 0.97
"""More than that it is an e-mail address."""

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="USERNAME",
        name="sessions.user_acts",
        regex=rf"\b(?i:user)[ \t]{_QUOTE}(?P<v>{_NAME}){_QUOTE}[ \t](?:logged|login|from|has|authenticated|connected"
        r"|disconnected|rejected|accepted|failed|on)\b",
        score=0.75,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.by_console",
        regex=rf"\b(?:(?:console|vty0|configured|changed|committed|commit) by"
        rf"|sudo:)[ \t]{{1,4}}(?P<v>{_NAME})[ \t](?:on|from|via|:|at)",
        score=0.8,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.session_interface",
        regex=rf"<(?:pppoe|l2tp|pptp|sstp|ovpn)-(?P<v>{_NAME})>",
        score=1.0,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.freeradius",
        regex=r"\b(?:Login (?:OK|incorrect)|Auth: [^\n\[]{0,40}Login)[^\n\[]{0,80}: \[(?P<v>[^\s\[\]/]{1,80})[/\]]",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.option",
        regex=r"\b(?:psql|pg_dump|snmp[a-z]{2,10}|createdb|mysql|mysqldump|mariadb|ssh|sftp|smbclient|rsync|ldapsearch"
        r"|mongosh|docker login|podman login"
        rf"|helm registry login|oc login|az login|ipmitool|lftp|wget|xfreerdp|mosquitto_pub|mosquitto_sub)\b"
        rf"[^\n]{{0,80}}?[ ](?:-[uUl]|--user(?:name)?)[ =]{{0,2}}{_QUOTE}(?P<v>{_NAME})",
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.option_with_password",
        regex=rf"[ ](?:-u|--user|--proxy-user|--creds)[ =]{{0,2}}{_QUOTE}(?P<v>[^\s\"'`,;:=<>@]{{1,64}}):[^\s:/]",
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.before_hash",
        regex=r"(?:^|\n)(?P<v>[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}):(?:\$(?:apr1|2[aby]|[1567y]|gy)\$|\{SSHA)",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.terminal",
        regex=r"(?:^|\n)(?P<v>[a-z][a-z0-9_.-]{1,31})[ \t]{1,12}(?:pts/[0-9]|tty[0-9S])",
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.directory",
        regex=r"\b(?i:uid|cn|samaccountname)=(?P<v>[A-Za-z0-9._-]{2,64}),[ ]?(?i:ou|cn|dc|o)=",
        score=0.8,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.windows",
        regex=rf"(?:[ ]/(?:user|u):|PSCredential\(|PSCredential[ ]|runas[ ]/user:){_QUOTE}(?P<v>{_NAME})",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.database_file",
        regex=r"(?:^|\n)[A-Za-z0-9.*-]{1,80}:(?:[0-9]{2,5}|\*):[A-Za-z0-9_*-]{1,40}:(?P<v>[A-Za-z_][A-Za-z0-9_.-]{1,60}):[^\s:]",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.at_prompt",
        regex=r"(?:^|\n)(?P<v>[a-z][a-z0-9_.-]{0,31})@[A-Za-z0-9][A-Za-z0-9_.-]{0,62}(?:[>#%]|:[~/]\S{0,60}[#$])"
        r"(?:[ ]|\r?\n|$)",
        score=0.99,
        check=is_ones_own,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.at_mikrotik",
        regex=r"\[(?P<v>[a-z][A-Za-z0-9_.-]{0,31})@[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}\][ \t]{0,2}[/>]",
        score=0.99,
        check=is_ones_own,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.dotted",
        regex=rf"\b(?i:user ?name|login name|user)[ ]?\.{{2,60}}[ ]{{0,2}}:?[ ]{{0,2}}(?P<v>{_NAME})",
        score=0.9,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.caller",
        regex=rf"\"(?P<v>{_NAME})\" <sips?:",
        score=0.8,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_object",
        regex=rf"\"(?:user|account|login|owner)\"[ ]?:[ ]?\{{[^{{}}\n]{{0,80}}?\"(?:user)?name\"[ ]?:["
        rf" ]?\"(?P<v>{_NAME})\"",
        score=0.85,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_radius_file",
        regex=r"(?:^|\n)\"?(?P<v>[A-Za-z0-9][A-Za-z0-9_.@+/-]{0,62})\"?[ \t]{1,20}"
        r"(?:Crypt|NT|Cleartext|User|MD5|SSHA)-Password",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.sudo",
        regex=r"\bsudo(?:\[[0-9]{1,7}\])?:[ ]{1,4}(?P<v>[a-z][A-Za-z0-9_.-]{0,31})[ ]:[ ]",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.web_log",
        regex=r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3} - (?P<v>[A-Za-z0-9][A-Za-z0-9_.@-]{1,62}) \[",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.line",
        regex=r"\b(?:vty|con|aux|tty)[ ]?[0-9][0-9A-Z/]{0,11}[ ]{2,20}(?P<v>[a-z][A-Za-z0-9_.-]{1,31})[ ]",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.defined",
        regex=r"'[A-Z_]{0,30}USER(?:NAME)?',[ ]{0,10}'(?P<v>[^'\n]{2,64})'",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_tunnel",
        regex=r"(?:^|\n)(?P<v>[A-Za-z0-9][A-Za-z0-9_.@-]{0,62})[ ]:[ ](?:EAP|XAUTH)[ ]",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.granted",
        regex=r"\b(?i:to|for|user) ['`](?P<v>[^'`\n%]{1,64})['`]@",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.at_address",
        regex=r"(?:^|[ \n\"'])(?P<v>[a-z][a-z0-9_.-]{0,31})@[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_file",
        regex=r"\badd user \S{1,40} \{?(?P<v>[A-Za-z0-9_.-]{2,40})",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_admin",
        regex=r"\bconfig (?:system (?:admin|api-user)|user local)\s{1,12}edit \"(?P<v>[^\"\n]{1,64})\"",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.in_accounts",
        regex=r"(?:^|\n)(?P<v>[a-z_][a-z0-9_.-]{1,31}):[x*!]:[0-9]{3,6}:[0-9]{3,6}:",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.by_way",
        regex=r"\bby (?P<v>[a-z][A-Za-z0-9_.-]{1,31}) via\b",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.as",
        regex=r"\b(?i:login|log in|logging in) as:? (?P<v>[A-Za-z][A-Za-z0-9_.@-]{1,62})",
        score=SURE,
        check=is_login,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_inventory",
        regex=r"(?:^|\n)[^\s:]{1,63}:[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[a-z0-9_-]{2,16}:(?P<v>[A-Za-z0-9_.-]{1,40}):\S",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_tunnel_file",
        regex=r"<auth-user-pass>\s{1,2}(?P<v>\S{1,64})\s",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.sip",
        regex=r"\bsips?:(?P<v>[A-Za-z][A-Za-z_.-]{0,30}[0-9][A-Za-z0-9_.-]{0,30})@",
        score=1.0,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.between_angles",
        regex=r"\b(?i:user(?:name)?)[ =]{1,3}<(?P<v>[^<>\n]{1,64})>",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_client",
        regex=r"\bradtest(?:[ ]-[a-z0-9]{1,8}(?:[ ](?:pap|chap|mschap|eap-md5))?){0,2}[ ](?P<v>[^\s-]\S{1,62})[ ]\S",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.before_password",
        regex=r"\blogin[ \t]{1,4}(?P<v>[^\s:=-][^\s:=]{1,62})\s{1,8}password\s",
        score=0.94,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.in_radius_table",
        regex=r"\([ ]?'(?P<v>[^'\n]{1,64})',[ ]?'(?:Cleartext|Crypt|NT|User|MD5)-Password'",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_domain_dump",
        regex=r"(?:^|\n)(?P<v>[^\s:]{1,64}):[0-9]{3,7}:[0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}:",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_database",
        regex=r"(?:\bmysqli?_connect|\bnew (?:mysqli|PDO)|real_connect|->connect)\([^\n\"',]{0,16}"
        r"[\"'][^\n\"']{1,80}[\"'],[ ]?[\"'](?P<v>[^\n\"']{2,64})[\"'],[ ]?[\"']",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.beside_password",
        regex=r"\b(?i:log ?in|sign in|log on|anmelden|connect|access it) (?i:with|as|mit|using) "
        r"(?P<v>[A-Za-z][A-Za-z0-9_.@-]{1,62}) ?/ ?\S",
        score=SURE,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_pair",
        regex=r"\bauth ?= ?\([\"'](?P<v>[^\"'\n]{1,64})[\"'], ?[\"']",
        score=0.94,
        check=is_user,
    ),
    Pattern(
        type="USERNAME",
        name="sessions.of_htpasswd",
        regex=r"\bhtpasswd -[a-zA-Z]{1,6} \S{1,80} (?P<v>[^\s-]\S{1,63})",
        score=SURE,
        check=is_user,
    ),
)
