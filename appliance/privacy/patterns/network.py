"""Addresses, host names and ports: where a customer is in the network."""

from appliance.privacy.addresses import holds_ipv4, is_dashed_mac, is_ipv4, is_ipv6, is_mac
from appliance.privacy.label import LINK, SIGN, anyone, named
from appliance.privacy.pattern import Pattern
from appliance.privacy.words import is_host_name, is_numbered_host, is_told

_DOT = r"(?:\.|\[\.\]|\(\.\))"
# Words that make a dotted number a version, a paragraph or an object identifier: those branches have no `v`.
_NOT_ADDRESS = (
    r"(?:(?i:version(?:s|en|e)?|versione|versión|firmware|release|ver|rel|fw|sw|software|build|revision|rev|image"
    r"|bootrom|boot ?loader"
    r"|bios|patch|driver|kernel|section|chapter|clause|paragraph|kapitel|oid|step|table|figure|asn\.1|rfc [0-9]{3,5}"
    r"|(?:version|firmware|software|release|image)(?: [a-z]{2,12}){0,2} from)[ :=_/\"'(|-]{1,4}(?:(?i:is|to|now|v"
    r"|version)[ .=:]{0,2}){0,2}"
    r"|(?:[A-Z][a-z]{3,12}|AppleWebKit|OPR|Edg|curl|nginx|OpenSSL|MSIE)/|pip3? install [^\n]{1,80}==)"
)
_OCTETS = rf"[0-9]{{1,3}}(?:{_DOT}[0-9]{{1,3}}){{3}}"
_MORE = r"(?:(?:, ?| and | or | to | und | et | y | bis | -> ?| - )[0-9]{1,3}(?:\.[0-9]{1,3}){3}){0,4}"
_H = "[0-9A-Fa-f]"
_PAIR = f"{_H}{{2}}"
_V4 = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
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
_PORT = r"[A-Za-z][A-Za-z-]{1,24}[_ ]?[0-9]{1,4}(?:[/:][0-9]{1,4}){0,5}(?:\.[0-9]{1,10})?"
_CUSTOMER = r"(?i:cust(?:omer)?|client|kunde|subs?|subscriber|abo|klant|cliente|res|b2[bc])"

ADDRESSES = (
    Pattern(
        type="IP_ADDRESS",
        name="network.ipv4",
        regex=rf"\b(?:{_NOT_ADDRESS}[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3,9}}{_MORE}"
        rf"|[vr]?[0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{4,30}}"
        rf"|{_OCTETS}-(?:rc|beta|alpha|b|p|r|build|SNAPSHOT)[0-9]{{0,4}}|(?P<v>{_OCTETS}(?:/[0-9]{{1,2}}\b)?))\b",
        hint=rf"[0-9]{_DOT}[0-9]{{1,9}}{_DOT}[0-9]{{1,9}}{_DOT}[0-9]",
        score=0.8,
        context=("ip", "ipv4", "address", "adresse", "dirección", "host", "gateway"),
        lifted=0.95,
        check=is_ipv4,
    ),
    Pattern(
        type="IP_ADDRESS",
        name="network.ipv6",
        regex=rf"(?:^|[^0-9A-Za-z_:.]|[G-Zg-z][A-Fa-f]{{0,6}}:)(?P<v>(?:{_H}{{0,4}}:){{1,20}}(?:{_V4}|{_H}{{1,4}}\b"
        rf"|:)(?:%[0-9A-Za-z._-]{{1,15}})?(?:/[0-9]{{1,3}}\b)?)",
        hint=rf":(?:{_H}?|{_H}{{3,4}}):|\b(?:{_H}|{_H}{{3,4}}):{_PAIR}:|:{_PAIR}:(?:{_H}|{_H}{{3,4}})\b",
        score=0.9,
        check=is_ipv6,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="network.mac",
        regex=rf"\b(?:{_PAIR}(?::{_PAIR}){{15,63}}|{_PAIR}(?:-{_PAIR}){{15,63}}|(?P<v>{_PAIR}(?::{_PAIR}){{5,13}}|{_PAIR}(?:-{_PAIR}){{5,13}}))\b",
        score=0.9,
        check=is_mac,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="network.mac_dotted",
        regex=rf"\b{_H}{{4}}(?:\.{_H}{{4}}){{2,7}}(?:\.{_H}{{2}})?\b",
        score=0.85,
        check=is_mac,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="network.mac_dashed",
        regex=rf"\b(?:{_H}{{8}}(?:-{_H}{{4}}){{3}}-{_H}{{12}}|{_H}{{4,8}}(?:-{_H}{{4,8}}){{3,9}}"
        rf"|(?P<v>{_H}{{4}}(?:-{_H}{{4}}){{2}}|{_H}{{6}}[.-]{_H}{{6}}))\b",
        hint=rf"{_H}{{4}}[.-]{_H}{{4}}",
        score=0.75,
        check=is_dashed_mac,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="network.mac_bare",
        regex=rf"\b(?:0x)?{_H}{{12}}\b",
        score=0.3,
        context=("mac", "hwaddr", "bssid", "ethernet", "lladdr", "oui", "physical", "cm", "mta", "arp", "station"),
        lifted=0.75,
        check=is_mac,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="network.mac_named",
        regex=named(
            anyone("""
                mac(?: ?addr(?:ess|esse)?)?, hw ?addr, bssid, cm ?mac, mta mac, physical address, lladdr,
                client id, duid, calling station id, adresse mac, dirección mac, indirizzo mac, chaddr
            """),
            rf"\b(?:0x)?(?:{_H}{{12}}|{_H}{{4}}-{_H}{{4}}-{_H}{{4}}|{_H}{{6}}[.-]{_H}{{6}}|{_H}{{2}}(?: {_H}{{2}}){{5}}"
            rf"|{_H}{{1,2}}(?::{_H}{{1,2}}){{5}}|{_H}{{20}}|{_H}{{28}})\b",
        ),
        score=0.95,
    ),
)

HOSTS = (
    Pattern(
        type="HOSTNAME",
        name="network.access_line",
        regex=rf"\b(?P<v>(?i:{_LABEL}[-.])?(?i:{_ACCESS})(?:[-_.]{{0,2}}"
        rf"[0-9A-Fa-f]{{1,12}}){{1,8}}(?:-[A-Za-z0-9]{{1,20}}){{0,4}}{_DOMAIN})\b",
        hint=rf"\b(?i:{_ACCESS})[-_.]{{0,2}}{_H}[A-Za-z0-9_-]*\.[-_.]?[A-Za-z0-9]",
        score=0.75,
        check=is_host_name,
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
        rf"|system[ \t]{{0,4}}\r?\n[ \t]{{1,12}}name|sysname|prompt|system name|set system host-name"
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
                nazwa hosta, fqdn, nas ?name, computer name, device ?name
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
        rf"|vlan)[A-Za-z0-9_-]{{0,30}}\)|\([a-z]{{2,10}}\)|:[~/][A-Za-z0-9/_.-]{{0,40}})?[>#\]$][ \t]?(?:sh|sho"
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
        hint=rf"(?i:\b(?:{_DEVICE})|[-_.](?:{_DEVICE}))[-_]?[0-9]",
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
)

PORTS = (
    Pattern(
        type="CUSTOMER_PORT",
        name="network.pon",
        regex=r"\b(?i:(?:x?g|xgs-?|e|ng)?pon)[-_ ](?:onu|ont)[-_ ][0-9]{1,3}"
        r"(?:/[0-9]{1,3}){2,3}:[0-9]{1,4}(?:\.[0-9]{1,4})?\b",
        score=0.9,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.pon_index",
        regex=r"\b[0-9]{1,2}(?:(?:/[0-9]{1,3}){4}|(?:/[0-9]{1,3}){2}:[0-9]{1,3})\b",
        score=0.55,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.ont_port",
        regex=rf"\b(?i:ont|onu|f/s/p|frame/slot/port|olt port|dsl port)[ _-]{{0,2}}(?i:id|index|interface|port)?{LINK}"
        rf"(?P<v>\b[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{1,3}}(?:/[0-9]{{1,4}}){{0,3}}(?::[0-9]{{1,4}})?"
        rf"(?:(?:,? (?i:ont|onu)[ -]?(?:id|ID)?[ :]{{0,2}}|[ ])[0-9]{{1,3}})?)\b",
        score=0.8,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.customer_interface",
        regex=rf"\b(?i:interface|port|int)[ \t]{{1,4}}(?P<v>{_PORT})[ \t]*\r?\n?".replace("*", "{0,8}")
        + rf"[ \t]{{0,8}}(?i:description|desc|alias|name)[ \t]{{1,4}}[\"'<*\[ #-]{{0,6}}{_CUSTOMER}[-_: #/]",
        score=0.85,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.customer_description",
        regex=rf"\b(?i:description|desc[a-z0-9]{{0,3}}|alias|name|comment|remark|label|user-label"
        rf"|port-name)[ \t=:]{{1,4}}[\"'<*\[ #-]{{0,6}}(?P<v>{_CUSTOMER}"
        rf"[-_: #/]{{1,3}}[A-Za-z0-9À-ž][^\"'<>*\]\n\r;|,]{{1,60}}[A-Za-z0-9À-ž.])",
        score=0.8,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.customer_vlan",
        regex=rf"\b(?i:vlan|vlan-id|svlan|cvlan|vrf)[ \t]{{1,2}}(?P<v>[0-9]{{1,4}})"
        rf"[ \t]{{0,4}}\r?\n?[ \t]{{0,4}}(?i:name|description)[ \t]{{1,4}}\"?{_CUSTOMER}[-_: #/]",
        score=0.85,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.nas_port",
        regex=named(
            anyone("nas port id, adsl agent circuit id ?port"), r"[A-Za-z0-9][A-Za-z0-9/:;=._-]{2,80}", link=SIGN
        ),
        score=0.85,
        check=is_told,
    ),
)

PATTERNS: tuple[Pattern, ...] = ADDRESSES + HOSTS + PORTS
