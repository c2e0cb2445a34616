"""Texts as people paste them: `{kind}` stands for a value of that kind, `{kind 2}` for a second one."""

import base64
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from tests.acceptance.recorder.case import Case, chat
from tests.acceptance.recorder.values import KINDS, Mint

SLOT = re.compile(r"\{([^{}\n]+?)( \d)?\}")

SHAPES = {
    "e-mail thread": """\
From: {mail}
To: support@isp.example
Subject: Re: Re: line down

Call me on {phone}, or write to {mail 2}.
> On Monday, {mail 3} wrote:
>> My router {IPv4} is gone. Account number: {account id}
>> > Ticket: {ticket}
--
{address}
""",
    "Cisco IOS": """\
hostname {host}
enable secret 5 {Cisco type 5}
username kim password 7 {Cisco type 7}
interface GigabitEthernet0/1
 ip address {IPv4} 255.255.255.252
snmp-server community {community} RO
tacacs-server key {RADIUS secret}
ppp chap hostname {login}
ppp chap password 0 {password}
""",
    "Junos": """\
system {
    host-name mx-{password 3};
    root-authentication { encrypted-password "{Unix hash}"; }
    radius-server { {IPv4} secret "{Juniper $9$}"; }
}
snmp { community {community} { authorization read-only; } }
""",
    "MikroTik": """\
/ppp secret add name={RADIUS user} password={MikroTik password} service=pppoe remote-address={IPv4}
/interface wireless security-profiles set default wpa2-pre-shared-key={Wi-Fi key}
/interface wireless set wlan1 ssid="{SSID}" mac-address={MAC}
""",
    "Huawei": """\
 local-user kim password irreversible-cipher {Huawei cipher}
 snmp-agent community read cipher {community}
 display mac-address {Huawei MAC}
 ont add 0 1 sn-auth {serial} omci
""",
    "show arp": """\
Protocol  Address          Age (min)  Hardware Addr   Type   Interface
Internet  {IPv4}           12         {Cisco MAC}     ARPA   Vlan10
Internet  {IPv4 2}         3          {Cisco MAC 2}   ARPA   Vlan10
""",
    "show ont": """\
  F/S/P   ONT   SN                  Control     Run
  0/ 1/0    1   {serial}            active      online
  0/ 1/0    2   {serial 2}          active      offline
""",
    "RADIUS trace": """\
Access-Request Id 11 from 10.0.0.1
    User-Name = "{login}"
    User-Password = "{password}"
    Calling-Station-Id = "{MAC}"
    Framed-IP-Address = {IPv4}
    NAS-Port-Id = "{port}"
""",
    "log lines": """\
Mar 12 10:11:12 bng1 dhcpd: DHCPACK on {IPv4} to {MAC} via eth1
Mar 12 10:11:13 bng1 pppoe: login OK user={login} ip={IPv4 2}
{IPv4 3} - - [12/Mar/2026:10:11:12 +0000] "GET /kunde?mail={mail} HTTP/1.1" 200 12
""",
    "JSON": """\
{"customer": {"mail": "{mail}", "phone": "{phone}", "iban": "{German IBAN}"},
 "device": {"imei": "{IMEI}", "mac": "{MAC}"}, "password": "{password}"}
""",
    "escaped JSON": '"{\\"mail\\": \\"{mail}\\", \\"password\\": \\"{MikroTik password}\\"}"',
    "CSV": """\
customer_id;mail;phone;iban;static_ip
{customer};{mail};{phone};{German IBAN};{IPv4}
{customer 2};{mail 2};{phone 2};{German IBAN 2};{IPv4 2}
""",
    "Markdown table": """\
| Account number | E-mail | Router |
|---|---|---|
| {account id} | {mail} | {IPv4} |
| {account id 2} | {mail 2} | {IPv4 2} |
""",
    "code block": """\
```python
API_KEY = "{Stripe key}"
client = Client(password="{password}", dsn="{connection}")
send(to="{mail}")  # {phone}
```
""",
    "YAML": """\
customer:
  mail: {mail}
  iban: {German IBAN}
wifi: {ssid: "{SSID}", psk: "{Wi-Fi key}"}
""",
    "XML": '<customer mail="{mail}"><iban>{German IBAN}</iban><password>{MikroTik password}</password></customer>',
    "HTML": "<p>Write to <a href='mailto:{mail}'>{mail}</a> or call <b>{phone}</b>&nbsp;now.</p>",
    ".env": "DATABASE_URL={connection}\nSLACK={Slack token}\nSTRIPE={Stripe key}\nJWT={JWT}\n",
    "shell": "curl -u kim:{MikroTik password} -H 'Authorization: Bearer {GitHub token}' https://{host}/api",
    "one line": "{mail} {phone} {German IBAN} {card} {IPv4} {MAC} {JWT}",
    "twice": "First {mail}, then {mail} again, and {mail}.",
    "without blanks": "({mail});[{IPv4}];<{mail 2}>;\"{German IBAN}\";'{MAC}'",
}  # fmt: skip

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
DISGUISES: dict[str, Callable[[str], str]] = {
    "percent": lambda text: quote(text, safe=""),
    "every letter in percent": lambda text: "".join(f"%{each:02X}" for each in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "JSON escapes": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text),
    "entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "zero width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "full width": lambda text: text.translate(WIDE),
    "combining": lambda text: text[0] + "\u0301" + text[1:],
}
DISGUISED = ("mail", "German IBAN", "GitHub token", "card")


def cases(mint: Mint, stream: bool) -> Iterator[Case]:
    for name, shape in SHAPES.items():
        text, values = filled(shape, mint)
        yield _echoed(f"{name}, stream={stream}", text, values, stream)
    for name, disguise in DISGUISES.items():
        for kind in DISGUISED:
            value = mint(kind)
            text = f"Please look: {disguise(value)} thanks"
            yield _echoed(f"{kind} in {name}, stream={stream}", text, (value, disguise(value)), stream)
    mail = mint("mail")
    text = f"Write to {mail.replace('@', '@' + chr(10))}\nThanks"
    yield _echoed(f"mail with a line end, stream={stream}", text, (mail,), stream)


def filled(shape: str, mint: Mint) -> tuple[str, tuple[str, ...]]:
    drawn: dict[str, str] = {}

    def fill(slot: re.Match[str]) -> str:
        if slot[1] not in KINDS:
            return slot[0]
        return drawn.setdefault(slot[0], mint(slot[1]))

    return SLOT.sub(fill, shape), tuple(drawn.values())


def _echoed(name: str, text: str, values: tuple[str, ...], stream: bool) -> Case:
    return Case(name=name, body=chat("plain", text, stream=stream), secrets=values, says=(text,))
