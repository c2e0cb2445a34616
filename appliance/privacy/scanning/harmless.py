"""What looks like a find and is none: product names, versions, and what a tenant allows."""

import re
from collections.abc import Iterable

from appliance.privacy.span import Span

NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})
HOST = re.compile(r"(?:[\w-]+\.)*[\w-]+")
WORDS = """
a10 acs aks amazon ansible apache apn arris asr aws azure bgp bng bras c4 cat5 cat6 catalyst cisco cli cpe crm
debian dhcp dns docker docsis dslam ec2 ecs efs eks epon ericsson erp fritzbox ftth fttb fttc g.fast gcp git github
gitlab gke google gpon grafana helm hfc huawei ims ios ipoe iptv ipv4 ipv6 jira juniper junos k8s kea
kubernetes l2tp lacp linux lldp lns lte mikrotik mpls mqtt mysql nat netconf nginx nms nokia noc ntp odn olt
ont onu ospf pcrf pon postgres postgresql powershell pppoe prometheus python qos radius rds redis router
routeros s3 sap sbc sfp sip slack sla sms snmp sqs ssh stb switch tacacs teams telnet tls tr-069 ubiquiti ubuntu
vdsl vlan voip vpn vrf vsphere wan webrtc wifi windows wlan wpa2 wpa3 xgs-pon zabbix zendesk zte zyxel
"""
TECHNICAL = frozenset(WORDS.split())
"""A name finder takes these for people, places and firms."""
VERSION = re.compile(
    r"(?i:\b(?:version|firmware|release|software|build|image|kernel|patch|ver|fw|sw|img|bootrom)\b"
    r"(?:[ \t]+(?:version|release|is|was|number|no|nr|to|from))?)[ \t]{0,24}[.:=]?[ \t\"']?\Z"
)
"""What stands before a version such as 10.1.2.3."""
LOOK_BACK = 40


class Allowed:
    """Values as they are, or `*.isp.net` for names of hosts of this domain."""

    def __init__(self, values: Iterable[str]) -> None:
        plain = {_plain(each) for each in values}
        self._domains = tuple(each[1:] for each in plain if each.startswith("*."))
        self._values = frozenset(each for each in plain if not each.startswith("*."))

    def __contains__(self, value: str) -> bool:
        if not self._values and not self._domains:
            return False
        plain = _plain(value)
        if plain in self._values:
            return True
        return bool(self._domains) and plain.endswith(self._domains) and HOST.fullmatch(plain) is not None


def is_harmless(text: str, span: Span) -> bool:
    """Whatever the tenant set."""
    if span.type in NAMES:
        return _plain(text[span.start : span.end]) in TECHNICAL
    if span.type == "IP_ADDRESS":
        return VERSION.search(text, max(0, span.start - LOOK_BACK), span.start) is not None
    return False


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())
