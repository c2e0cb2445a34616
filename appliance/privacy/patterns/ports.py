"""Where a customer is connected: ports, indexes of a passive optical network, VLANs, descriptions."""

import re

from appliance.privacy.proofs.words import is_told
from appliance.privacy.scanning.label import LINK, SIGN, anyone, named
from appliance.privacy.scanning.pattern import Pattern

_PORT = r"[A-Za-z][A-Za-z-]{1,24}[_ ]?[0-9]{1,4}(?:[/:][0-9]{1,4}){0,5}(?:\.[0-9]{1,10})?"
_CUSTOMER = r"(?i:cust(?:omer)?|client|kunde|subs?|subscriber|abo|klant|cliente|res|b2[bc])"


def names_customer(text: str) -> bool | None:
    """Not `Customer number 4711`: that is a number of another kind."""
    return False if re.match(r"\w+[-_: #/]{1,3}(?i:number|no|nr|id|numero|número)\b", text) else None


PATTERNS: tuple[Pattern, ...] = (
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
        regex=rf"\b(?i:ont|onu)[ _-]{{0,2}}(?i:id|index|interface|port)?{LINK}"
        rf"(?P<v>\b[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{1,3}}(?:/[0-9]{{1,4}}){{0,3}}(?::[0-9]{{1,4}})?"
        rf"(?:(?:,? (?i:ont|onu)[ -]?(?:id|ID)?[ :]{{0,2}}|[ ])[0-9]{{1,3}})?)\b",
        score=0.8,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.line_port",
        # Of a passive network, many customers share what three numbers say.
        regex=rf"\b(?i:f/s/p|frame/slot/port|olt port|dsl port|port)[ _-]{{0,2}}(?i:id|index)?{LINK}"
        rf"(?P<v>\b[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{1,3}}(?:(?:/[0-9]{{1,4}}){{1,3}}(?::[0-9]{{1,4}})?|:[0-9]{{1,4}}"
        rf"|(?:,? (?i:ont|onu)[ -]?(?:id|ID)?[ :]{{0,2}}|[ ])[0-9]{{1,3}}))\b",
        score=0.8,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.passive_port",
        regex=r"\b(?i:x?gs?-?pon)[ ]?[0-9]{1,2}(?:/[0-9]{1,2}){1,2}:[0-9]{1,4}\b",
        score=0.8,
    ),
    Pattern(
        type="CUSTOMER_PORT",
        name="network.unit_of_row",
        regex=r"(?:^|\n)(?P<v>[0-9]{1,2}(?:/[0-9]{1,3}){3,4})[ ]{2,12}[A-Z]{4}:?[0-9A-F]{8}\b",
        score=0.9,
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
        check=names_customer,
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
    Pattern(
        type="CUSTOMER_PORT",
        name="network.customer_port",
        regex=named(rf"{_CUSTOMER}(?:'s)?[ _-]port", rf"\b{_PORT}", link=SIGN),
        score=0.9,
    ),
)
