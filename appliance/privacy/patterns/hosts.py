"""Names of hosts and devices: those of customers, and those that a prompt, a log or a command tells."""

from appliance.privacy.proofs.addresses import holds_ipv4
from appliance.privacy.proofs.words import is_host_name, is_line_name, is_numbered_host
from appliance.privacy.scanning.label import SIGN, anyone, named
from appliance.privacy.scanning.pattern import Pattern

_H = "[0-9A-Fa-f]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,40}[A-Za-z0-9])?){1,6}"
_ACCESS = (
    r"cust(?:omer)?|client|kunde|abo|subs?(?:criber)?|user|cpe|modem|router|ont|onu|rgw?|hgw|dsl|adsl|vdsl|xdsl"
    r"|sdsl|ftt[hbcx]"
    r"|fib(?:er|re)|gpon|pon|hfc|cable|docsis|pool|dyn(?:amic)?|dhcp|pppoe?|dial(?:up|in)?|host|home|static|stat|ip|res"
    r"|residential|biz|business|mobile|lte|wimax|wifi|wlan|hotspot|wlg|nat|cgn|cm|cpc[0-9]|broadband|bb|access"
    r"|unassigned|p"
)
_DEVICE = (
    r"rtr|router|sw|switch|core|edge|agg|aggr|dist|acc|access|pe|cpe|bng|bras|olt|ont|onu|dslam|msan|cmts|fw|firewall"
    r"|wlc|lns|lac|ggsn|pgw|leaf|spine|tor|srv|server|nas|cgnat|gw|border|asw|csw|dsw"
)
_HOST = r"\b[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?"

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="HOSTNAME",
        name="network.access_line",
        regex=rf"\b(?P<v>(?i:{_LABEL}[-.])?(?i:{_ACCESS})(?:[-_.]{{0,2}}"
        rf"[0-9A-Fa-f]{{1,12}}){{1,8}}(?:-[A-Za-z0-9]{{1,20}}){{0,4}}{_DOMAIN})\b",
        hint=rf"\b(?i:{_ACCESS})(?:[-_.]{{0,2}}{_H})+(?:-[A-Za-z0-9]+)*\.[A-Za-z0-9]",
        score=0.75,
        check=is_line_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.address_line",
        regex=r"\b(?P<v>(?:[A-Za-z]{0,20}[-_.]?)[0-9]{1,3}(?:[-x_.]"
        r"[0-9]{1,3}){3}(?:[-.][A-Za-z0-9-]{1,40}){0,5}\.[A-Za-z]{2,12})\b",
        score=0.8,
        check=holds_ipv4,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.reverse",
        regex=rf"\b(?:[0-9]{{1,3}}(?:[-/][0-9]{{1,3}})?\.){{2,5}}in-addr\.arpa\b|\b(?:{_H}\.){{4,32}}ip6\.arpa\b",
        score=0.85,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_command",
        regex=rf"(?:^|\n)[ \t]{{0,8}}(?:(?:switch|set system |option )?host-?name"
        rf"|system[ \t]{{0,4}}\r?\n[ \t]{{1,12}}name|sysname|prompt|(?:configure )?system name|set system host-name"
        rf"|/?system identity[ \r]?\n?set name ?=|set hostname)[ \t=]{{0,4}}[\"']?(?P<v>{_HOST})",
        score=0.9,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_named",
        regex=named(
            anyone("""
                host ?name, sys ?name, system ?name, device ?id, nas identifier, option host name, nodename,
                client hostname, rechnername, gerätename, nom d'hôte, nombre de host, nome host, host ?naam,
                nazwa hosta, fqdn, nas ?name, computer name, device ?name, short ?name
            """),
            rf"{_HOST}\b",
            link=SIGN,
        ),
        score=0.85,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_word",
        regex=rf"\b(?i:sysname|sys-name|hostname|host-name|sysname\.0 = string:)[ \t]{{1,4}}[\"']?(?P<v>{_HOST})",
        score=0.8,
        check=is_numbered_host,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_yaml",
        regex=rf"\b(?:device|router|switch|host|node|cpe|olt|nas)s?\"?:[ "
        rf"\t\[{{]{{0,4}}\r?\n[ \t]{{1,16}}(?:- )?\"?name\"?:[ \t]{{0,4}}\"?(?P<v>{_HOST})",
        score=0.85,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.device_word",
        regex=r"\b(?i:cpe|ont|onu|olt|bng|bras|dslam|msan|cmts|rtr|hgw|lns"
        r"|cgnat)(?:[-_.][A-Za-z]{2,16}|[-_.][0-9]{1,4}){1,4}[-_.]?[0-9]{1,5}\b",
        score=0.5,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_block",
        regex=rf"\bhost[ \t]{{1,4}}(?P<v>{_HOST})[ \t]{{0,4}}\{{",
        score=0.9,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.zone_line",
        regex=rf"(?:^|\n)(?P<v>{_HOST})\.?[ \t]{{1,30}}(?:[0-9]{{1,7}}[ \t]{{1,8}})?IN[ \t]{{1,8}}(?:A|AAAA|PTR"
        rf"|CNAME)\b",
        score=0.8,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.traced",
        regex=rf"(?P<v>\b{_LABEL}{_DOMAIN})[ \t]\([0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}\)",
        score=0.8,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.client_hostname",
        regex=r"\b(?:client-hostname|option host-name|host-name)[ \t]{1,4}\"(?P<v>[^\"\n]{1,63})\"",
        score=0.9,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.uptime",
        regex=rf"(?:^|\n)[ \t]{{0,4}}(?P<v>{_HOST})[ \t]{{1,4}}(?:uptime is|uptime:)",
        score=0.9,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.prompt",
        regex=rf"(?:^|\n)(?:<|\[~?|\*?[AB]:|[a-z][a-z0-9_.-]{{0,20}}@)?(?P<v>{_HOST})(?:\((?:config"
        rf"|vlan)[A-Za-z0-9_-]{{0,30}}\)|\([a-z]{{2,10}}\)|:[~/][A-Za-z0-9/_.-]{{0,40}})?[ ]?[>#\]$][ \t]?(?:sh|sho"
        rf"|show|disp|display|dis|ping|conf|configure|admin|request|monitor|run|set|get|enable|edit|telnet|ssh"
        rf"|trace|traceroute|debug|undebug|clear|copy|write|wr|more|cat|ip|tcpdump|interface|no|exit|end|quit"
        rf"|terminal|term|delete|commit|system-view|/[a-z])\b",
        score=0.9,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.mikrotik_prompt",
        regex=rf"\[[A-Za-z0-9_.-]{{1,30}}@(?P<v>{_HOST})\][ \t]{{0,2}}[/>]",
        score=0.9,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.syslog",
        regex=rf"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
        rf"[ ]{{1,2}}[0-9]{{1,2}}[ ](?:[0-9]{{4}}[ ])?[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,6}})?"
        rf"|<[0-9]{{1,3}}>1 [0-9T:.+Z-]{{19,35}}|(?:^|\n)[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]{{8,15}}(?:Z"
        rf"|[+-][0-9:]{{4,6}}))[ ](?P<v>{_HOST})[ ]{{1,2}}(?:[A-Za-z]"
        rf"[A-Za-z0-9_./-]{{1,40}}(?:\[[0-9]{{1,7}}\])?[: ]|%[A-Z]|[0-9]{{1,9}}:)",
        score=0.85,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.device_name",
        regex=rf"\b(?i:(?:[a-z]{{1,12}}[0-9]{{0,4}}[-_.]){{1,4}}(?:{_DEVICE})"
        rf"[-_]?[0-9]{{1,3}}(?:[-_.][a-z0-9]{{1,20}}){{0,5}}|(?:{_DEVICE})"
        rf"[-_]?[0-9]{{1,3}}(?:[-_.][a-z0-9]{{2,20}}){{1,5}})\b",
        hint=rf"(?i:[-_.](?:{_DEVICE})[-_]?[0-9]|\b(?:{_DEVICE})[-_]?[0-9]{{1,3}}[-_.][a-z0-9]{{2}})",
        score=0.45,
        context=(
            "neighbor",
            "lldp",
            "cdp",
            "hostname",
            "device",
            "node",
            "router",
            "switch",
            "olt",
            "nas",
            "from",
            "host",
        ),
        lifted=0.8,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_of_service",
        regex=rf"(?:_(?:HOST|host|SERVER)\"?[ \t]{{0,2}}[:=]{{1,2}}[ \t]{{0,2}}|\bhost=[\"'])[\"']?"
        rf"(?P<v>{_LABEL}{_DOMAIN})",
        score=0.8,
        check=is_host_name,
    ),
    Pattern(
        type="HOSTNAME",
        name="network.host_of_database",
        regex=rf"\bjdbc:[a-z:]{{2,20}}//(?P<v>{_LABEL}{_DOMAIN})[:/;]",
        score=0.8,
        check=is_host_name,
    ),
)
