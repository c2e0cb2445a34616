"""SNMP communities, which are passwords."""

from appliance.privacy.proofs.words import is_community, is_mixed, is_secret
from appliance.privacy.scanning.label import MARK, PREFIXED, anyone, element, named
from appliance.privacy.scanning.pattern import Pattern

_TOKEN = r"[^\s\"'`<>]{0,199}[^\s\"'`<>;,.)}\]]"  # noqa: S105
_GAP = r"[ \t]{1,4}"
_QUOTE = r"[\"']?"


def is_mixed_community(text: str) -> bool | None:
    """Where a sentence could go on, and where BGP has communities too."""
    return is_mixed(text) if is_community(text) is None else False


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_command",
        regex=rf"\b(?:snmp{_GAP}community{_GAP}(?:add|set)(?:{_GAP}\S{{1,40}}){{0,4}}{_GAP}name="
        rf"|snmp-server{_GAP}community|snmp{_GAP}(?:[a-z-]{{1,16}}{_GAP}){{0,3}}community|snmp-community(?:-string)?"
        rf"|(?:get|set|trap|ro|rw)-community|r[ow]community6?|trapcommunity"
        rf"|snmp-agent{_GAP}(?:sys-info{_GAP})?community(?:{_GAP}complexity-check)?"
        rf"|set{_GAP}snmp{_GAP}community|snmp{_GAP}community\r?\n(?:set"
        rf"|add)[^\n]{{0,80}}[ \t]name=|community-name|com2sec6?{_GAP}\S{{1,32}}{_GAP}\S{{1,48}}"
        rf"|securityname|_SNMPCOMMUNITY)[ \t]{{0,4}}(?:(?:read|write|ro|rw|read-only|read-write|cipher|simple|trap"
        rf"|[0-9]){_GAP}){{0,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.9,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_any",
        regex=rf"(?:^|\n)[ \t]{{0,8}}(?:create|config|configure|set|add"
        rf"|snmpv?[0-9c]{{0,2}})[ \t][^\n]{{0,60}}\bcommunity{_GAP}"
        rf"(?:(?:read|write|ro|rw|readonly|readwrite|read-only|read-write|add"
        rf"|encrypted){_GAP}){{0,3}}{_QUOTE}(?P<v>{_TOKEN})",
        score=0.8,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_host",
        regex=rf"\bsnmp-server{_GAP}host{_GAP}\S{{2,60}}{_GAP}(?:(?:vrf{_GAP}\S{{1,32}}|traps?|informs?|version|v?1"
        rf"|v?2c?|use-vrf{_GAP}\S{{1,32}}|udp-port{_GAP}[0-9]{{1,5}}|community){_GAP}){{0,6}}(?P<v>{_TOKEN})",
        score=0.85,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_named",
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
        name="communities.community_of_pair",
        regex=r"\b(?:community|snmp)[\"']?[ \t]{0,4}(?:[:=]>?|=>)[ \t]{0,4}[\"'](?P<v>[^\"'\n]{2,64})[\"']",
        score=0.9,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_marked",
        regex=rf"\b(?i:community)[ \t]{{0,4}}[:=][ \t]{{0,4}}(?P<v>{_TOKEN})",
        score=0.8,
        check=is_mixed_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_element",
        regex=element("r[ow]community6?|community(?:[ _-]?(?:name|string))?"),
        score=0.95,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_unknown",
        regex=r"\bcommunity(?: name| string)? \((?P<v>[^\s()]{2,64})\)",
        score=0.9,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_told",
        regex=rf"\b(?i:snmp|ro|rw|read|write)[ -](?i:community)(?:[ ][A-Za-z-]{{1,16}}){{0,6}}[ ]"
        rf"(?i:is|ist|est|es|è)[ ]{_QUOTE}(?P<v>{_TOKEN})",
        score=0.8,
        check=is_mixed_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_quoted",
        regex=rf"\b(?i:community){_GAP}\"(?P<v>[^\"\n]{{1,64}})\"",
        score=0.95,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_block",
        regex=r"\bsnmp[ \t]{0,2}\{[^{}]{0,200}\bcommunity[ \t]{1,4}\"?(?P<v>[^\s\"{;]{1,64})",
        score=0.85,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_tool",
        regex=r"\b(?:snmp(?:walk|get|getnext|bulkwalk|bulkget|set|table|trap|check|status)|check_[a-z_]{2,20})[ \t][^\n"
        r"|;]{0,60}-[cC][ \t]{0,2}['\"]?(?P<v>[^\s'\"]{1,64})",
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_of_host",
        regex=rf"\bsnmp-server{_GAP}host[ \t][^\n]{{3,80}}[ \t]community{_GAP}(?:[0-9]{_GAP})?(?P<v>{_TOKEN})",
        score=0.9,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_word",
        regex=r"\b(?i:community (?:string|name) (?:is|ist|est|es|è)) [\"'`]?(?P<v>[A-Za-z0-9_-]{3,32})[\"'`]?"
        r"(?:[.,;\r\n]|$)",
        score=0.8,
        check=is_community,
    ),
    Pattern(
        type="SNMP_COMMUNITY",
        name="communities.community_entry",
        regex=r"\bconfig system snmp community\s{1,12}edit [0-9]{1,4}\s{1,16}set name \"(?P<v>[^\"\n]{1,64})\"",
        score=0.95,
    ),
)
