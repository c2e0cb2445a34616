"""What logs and tools write without a name for it: the host and the device that a line is about."""

from appliance.privacy.proofs.addresses import is_short_mac
from appliance.privacy.proofs.words import is_host_name, is_numbered_host
from appliance.privacy.scanning.label import named
from appliance.privacy.scanning.pattern import Pattern

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?"
_LABEL = "[A-Za-z0-9][A-Za-z0-9-]{0,61}"
_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MAC = r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
_V4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,6})?"


def _host(name: str, regex: str, score: float = 0.85, *, numbered: bool = False) -> Pattern:
    check = is_numbered_host if numbered else is_host_name
    return Pattern(type="HOSTNAME", name=f"logs.{name}", regex=regex, score=score, check=check)


PATTERNS: tuple[Pattern, ...] = (
    _host("lease", rf"(?:{_V4}[ ]{{1,8}}{_MAC}|{_MAC}[ ]{_V4})[ ]{{1,2}}(?P<v>{_HOST})\b"),
    _host("lease_to", rf"\b{_MAC} \((?P<v>{_HOST})\)"),
    _host("helo", rf"\b(?i:helo|ehlo)[ =<]{{1,3}}(?P<v>{_HOST})"),
    _host("client", rf"\bfrom client (?P<v>{_HOST}) port\b"),
    _host(
        "scanned",
        rf"\b(?:scan report for|HOST:|Host:|On host|traceroute to|PING)[ ]{{1,2}}(?P<v>{_HOST})",
        numbered=True,
    ),
    _host(
        "syslog_spaced",
        rf"\b(?:{_MONTH})[ ]{{1,2}}[0-9]{{1,2}}[ ](?:[0-9]{{4}}[ ])?{_TIME}(?:[ ][A-Z]{{3,4}})?[ ]{{1,2}}"
        rf"(?P<v>{_HOST})[ ]{{1,2}}"
        r"(?:%%[0-9]|[A-Za-z][A-Za-z0-9_./-]{1,40}(?:\[[0-9]{1,7}\])?[: ]|%[A-Z]|[0-9]{1,9}:)",
    ),
    _host(
        "dotted",
        named(
            "(?:ap|host|system|device|switch|controller|sys)[ _-]?name", _HOST, link=r"[ ]?\.{2,60}[ ]{0,2}:?[ ]{0,2}"
        ),
    ),
    _host("set_name", rf"\b(?:system[_-]name|sys-?name|snmp system name)[ \t]{{1,4}}\"?(?P<v>{_HOST})"),
    _host("workstation", rf"\b(?i:workstation|computer|machine|client)[ _-]?(?i:name):[ \t]{{1,8}}(?P<v>{_HOST})"),
    _host("hop", rf"\|--[ ](?P<v>{_HOST})[ ]{{1,20}}[0-9]"),
    _host("certified", rf"\bDNS:(?P<v>{_HOST})"),
    _host(
        "at_view",
        rf"(?:^|\n)\[[~*]?(?P<v>{_HOST})-(?:GigabitEthernet|Ethernet|XGigabitEthernet|Eth-Trunk|Vlanif|aaa|ospf|bgp|ui)",
    ),
    _host("client_name", rf"\bclient-name[ \t]{{1,4}}\"?(?P<v>{_HOST})"),
    _host("up", rf"(?:^|\n)(?P<v>{_HOST}) up [0-9]{{1,4}} (?:days?|hours?|mins?|weeks?|years?)\b"),
    _host("wrapped", rf"(?:^|\n)(?P<v>{_LABEL}(?:\.{_LABEL}){{1,5}})[ \t]{{0,4}}\r?\n[ ]{{10,40}}[A-Z]"),
    _host("in_arp", rf"(?:^|\n)(?P<v>{_LABEL}(?:\.{_LABEL}){{1,5}})[ \t]{{1,24}}(?:ether|0x1)[ \t]"),
    _host("virtual", rf"(?:^|\n)vdc (?P<v>{_HOST}) id [0-9]"),
    _host("at_mikrotik", rf"\[[A-Za-z0-9_.-]{{1,30}}@(?P<v>{_HOST})\][ \t]{{0,2}}[/>]", 0.99),
    _host(
        "device_form",
        r"\b(?:(?:R|SW|PE|CE|FW|AS|BR|CR|DR)[0-9]{1,3}-[A-Z]{2,12}[0-9]{0,3}"
        r"|(?:mx|asr|isr|acx|ptx|qfx|srx|ncs|ccr|ne)[0-9]{1,5}[a-z]{0,2}-[a-z]{2,6}[0-9]{1,3})\b",
        0.5,
    ),
    _host(
        "of_object",
        rf"\"(?:host|agent|device|node|observer|router|switch|olt|nas|cpe)\"[ ]?:[ ]?\{{[^{{}}\n]{{0,80}}?\""
        rf"(?:host)?name\"[ ]?:[ ]?\"(?P<v>{_HOST})\"",
    ),
    Pattern(
        type="IP_ADDRESS",
        name="logs.address_and_port",
        regex=rf"(?:\bIP |[ ]> )(?P<v>{_V4})\.[0-9]{{1,5}}[ :]",
        score=0.9,
    ),
    Pattern(
        type="CUSTOMER_ID",
        name="logs.described",
        regex=r"\b(?i:description|desc|comment|alias)[ \t]{0,40}[:=]?[ \t]{1,16}\"?"
        r"(?P<v>[A-Z]{0,4}-?[0-9]{6,10})\"?[ \t]{0,4}(?:\r?\n|$)",
        score=0.6,
    ),
    Pattern(
        type="MAC_ADDRESS",
        name="logs.mac_short",
        regex=r"(?:^|[^0-9A-Fa-f:.])(?P<v>[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5})(?:$|[^0-9A-Fa-f:.])",
        score=0.7,
        check=is_short_mac,
    ),
    _host(
        "at_prompt", rf"(?:^|\n)[A-Za-z0-9_.-]{{1,32}}@(?P<v>{_HOST})(?:[>#%]|:[~/]\S{{0,60}}[#$])(?:[ ]|\r?\n|$)", 0.99
    ),
)
