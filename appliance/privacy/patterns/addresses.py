"""Addresses of networks and of interfaces."""

from appliance.privacy.proofs.addresses import is_dashed_mac, is_ipv4, is_ipv6, is_mac
from appliance.privacy.scanning.label import PREFIXED, anyone, named
from appliance.privacy.scanning.pattern import Pattern

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

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="IP_ADDRESS",
        name="network.ipv4",
        regex=rf"\b(?:{_NOT_ADDRESS}[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3,9}}{_MORE}"
        rf"|[vr]?[0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{4,30}}"
        rf"|{_OCTETS}[-.](?:rc|beta|alpha|b|p|r|R|build|SNAPSHOT)[0-9]{{0,4}}|(?P<v>{_OCTETS}(?:/[0-9]{{1,2}}\b)?))\b",
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
            start=PREFIXED,
        ),
        score=0.95,
    ),
)
