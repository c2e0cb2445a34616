"""What stands in the slots of a template, drawn for one text: the same slot with the same number is the same value."""

import base64
import json
from collections.abc import Callable
from functools import cache
from ipaddress import IPv6Address
from random import Random
from typing import NamedTuple

from faker import Faker

from tests.privacy_data.equipment import EQUIPMENT
from tests.privacy_data.forms import SERVICES, draw

LOCALES = {
    "en": ("en_GB", "en_US"), "de": ("de_DE",), "fr": ("fr_FR",), "es": ("es_ES",), "it": ("it_IT",),
    "nl": ("nl_NL",), "pt": ("pt_PT",), "pl": ("pl_PL",),
}  # fmt: skip
ISPS = ("fibrenet", "northlink", "glasfaser-sued", "ondanet", "viafibra", "lumowave", "kabelwerk", "skyreach")
REALMS = ("isp.example", "dsl.lan", "ftth.local", "pppoe.internal", "broadband.example")
MAILS = ("example.com", "example.org", "mail.example.net", "posta.example.it", "correo.example.es", "post.example.de")
VENDORS = ("HWTC", "ZTEG", "ALCL", "FHTT", "UBNT", "GPON", "CIGG")
OUIS = ("00259e", "f4cae5", "788a20", "b827eb", "dca632", "4c5e0c", "00e04c", "001b54", "e48d8c", "c83a35")
WORDS = ("Blue", "Tulip", "Rocket", "winter", "Copper", "panda", "Delta", "green", "Falcon", "sommer", "Luna", "kabel")


class Value(NamedTuple):
    type: str | None
    """None: nobody's."""
    text: str


class Values:
    def __init__(self, random: Random, language: str) -> None:
        self._random = random
        self._faker = _faker(random.choice(LOCALES[language]))
        self._faker.seed_instance(random.getrandbits(32))

    def draw(self, slot: str) -> Value:
        kind, maker = SLOTS[slot]
        made = maker(self._random, self._faker)
        return made if isinstance(made, Value) else Value(kind, made)

    def draw_form(self, form: str) -> str:
        return draw(self._random, form)


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def _luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return body + str(-total % 10)


def _mac(random: Random, _: Faker) -> str:
    bare = random.choice(OUIS) + draw(random, "{x6}")
    pairs = [bare[at : at + 2] for at in range(0, 12, 2)]
    fours = [bare[at : at + 4] for at in range(0, 12, 4)]
    halves = f"{bare[:6]}-{bare[6:]}"
    form = random.choice((":".join(pairs), "-".join(pairs), ".".join(fours), "-".join(fours), halves))
    return random.choice((form, form.upper()))


def _mail(random: Random, faker: Faker) -> str:
    first, last = _plain(faker.first_name()), _plain(faker.last_name())
    name = random.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}_{random.randint(1, 99)}", f"{last}+isp"))
    return f"{name}@{random.choice(MAILS)}"


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isascii() and sign.isalnum()) or "kim"


def _address(_: Random, faker: Faker) -> str:
    return ", ".join(faker.address().splitlines())


def _password(random: Random, _: Faker) -> str:
    word, number = random.choice(WORDS), random.randint(10, 9999)
    return random.choice((
        f"{word}{number}!", f"{word}-{number}", f"{number}{word}#", f"{word}_{word}{number}",
        draw(random, "{w10}") + "7",
        draw(random, "{w4}%{w3}$4"), f"{word.lower()}{number}",
    ))  # fmt: skip


def _serial(random: Random, _: Faker) -> str:
    vendor = random.choice(VENDORS)
    return random.choice((f"{vendor}{draw(random, '{X8}')}", vendor.encode().hex().upper() + draw(random, "{X8}")))


def _service(random: Random, _: Faker) -> Value:
    kind = random.choice(("API_KEY", "TOKEN"))
    return Value(kind, draw(random, random.choice(SERVICES[kind])))


def _jwt(random: Random, _: Faker) -> str:
    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    claims = {"sub": _digits(random, 8), "exp": random.randint(1_700_000_000, 1_900_000_000)}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{draw(random, '{s42}{w1}')}"


def _private_key(random: Random, _: Faker) -> str:
    kind = random.choice(("RSA ", "EC ", "OPENSSH ", ""))
    body = "\n".join(draw(random, "{b64}") for _ in range(random.randint(4, 50)))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n{draw(random, '{b30}')}==\n-----END {kind}PRIVATE KEY-----"


def _connection(random: Random, _: Faker) -> str:
    user, password, host = random.choice(ISPS), draw(random, "{w12}"), f"db{random.randint(1, 9)}.isp.example"
    return random.choice((
        f"postgresql://{user}:{password}@{host}:5432/radius", f"mysql://{user}:{password}@{host}/crm",
        f"mongodb+srv://{user}:{password}@{host}/tickets?retryWrites=true", f"redis://:{password}@{host}:6379/0",
        f"amqp://{user}:{password}@{host}:5672/events",
        f"Server={host};Database=crm;User Id={user};Password={password};",
        f"jdbc:postgresql://{host}:5432/billing?user={user}&password={password}",
        f"DefaultEndpointsProtocol=https;AccountName={user};AccountKey={draw(random, '{b86}')}==;EndpointSuffix=core",
    ))  # fmt: skip


def _hash(random: Random, _: Faker) -> str:
    return random.choice((
        draw(random, "$6${w16}${w86}"), draw(random, "$1${w8}${w22}"), draw(random, "$2b$12${w53}"),
        draw(random, "$argon2id$v=19$m=65536,t=3,p=4${w22}${w43}"),
    ))  # fmt: skip


def _login(random: Random, faker: Faker) -> str:
    return f"{_plain(faker.last_name())}{random.randint(1, 99)}@{random.choice(REALMS)}"


def _ssid(random: Random, faker: Faker) -> str:
    return random.choice((f"{faker.last_name()}-WiFi", draw(random, "FRITZ!Box {d4}"), draw(random, "HomeNet-{X4}")))


def _each(words: str) -> Callable[[Random, Faker], str]:
    return lambda random, _: random.choice(words.split("|"))


def _form(*forms: str) -> Callable[[Random, Faker], str]:
    return lambda random, _: draw(random, random.choice(forms))


SLOTS: dict[str, tuple[str | None, Callable[[Random, Faker], str | Value]]] = {
    "person": ("PERSON", lambda _, faker: f"{faker.first_name()} {faker.last_name()}"),
    "first": ("PERSON", lambda _, faker: faker.first_name()),
    "last": ("PERSON", lambda _, faker: faker.last_name()),
    "email": ("EMAIL_ADDRESS", _mail),
    "phone": ("PHONE_NUMBER", lambda _, faker: faker.phone_number()),
    "address": ("ADDRESS", _address),
    "street": ("ADDRESS", lambda _, faker: faker.street_address().replace("\n", ", ")),
    "city": ("LOCATION", lambda _, faker: faker.city()),
    "dob": ("DATE_OF_BIRTH", lambda _, faker: faker.date_of_birth(minimum_age=18).isoformat()),
    "company": ("ORGANIZATION", lambda _, faker: faker.company()),
    "iban": ("IBAN_CODE", lambda _, faker: faker.iban()),
    "card": ("CREDIT_CARD", lambda _, faker: faker.credit_card_number("visa16")),
    "ipv4": ("IP_ADDRESS", lambda _, faker: faker.ipv4_public()),
    "private": ("IP_ADDRESS", lambda _, faker: faker.ipv4_private()),
    "cidr": ("IP_ADDRESS", lambda random, faker: f"{faker.ipv4_public()}/{random.choice((24, 28, 29, 30, 32))}"),
    "ipv6": ("IP_ADDRESS", lambda random, _: str(IPv6Address((0x2A02 << 112) | random.getrandbits(96)))),
    "mac": ("MAC_ADDRESS", _mac),
    "gps": ("GPS", lambda random, _: f"{random.uniform(36, 58):.5f}, {random.uniform(-9, 23):.5f}"),
    "imei": ("IMEI", lambda random, _: _luhn("35" + _digits(random, 12))),
    "imsi": ("IMSI", lambda random, _: random.choice(("23415", "26201", "20801", "21407")) + _digits(random, 10)),
    "iccid": ("ICCID", lambda random, _: _luhn(random.choice(("8944", "8949", "8933")) + _digits(random, 14))),
    "serial": ("SERIAL_NUMBER", _serial),
    "circuit": ("CIRCUIT_ID", _form("LON/ETH/00{d5}", "FTTH-{d7}", "VDSL-{u3}-{d6}", "CKT{d8}")),
    "account": ("ACCOUNT_ID", _form("{d8}", "AC-{d7}", "{d4}-{d4}")),
    "customer": ("CUSTOMER_ID", _form("C{d7}", "KD-{d6}", "{d7}")),
    "contract": ("CONTRACT_ID", _form("CT-{d4}-{d5}", "V{d8}")),
    "invoice": ("INVOICE_ID", _form("INV-{d4}-{d5}", "RE{d8}")),
    "ticket": ("TICKET_ID", _form("INC00{d5}", "#{d6}", "TT-{d7}")),
    "user": ("USERNAME", _login),
    "host": ("HOSTNAME", _form("cpe-{d4}.pool.isp.example", "dsl-{d3}.access.isp.example", "ont{d5}.fttx.isp.example")),
    "ssid": ("SSID", _ssid),
    "wifikey": ("WIFI_KEY", _form("{w12}", "{d16}", "{l8}-{d4}")),
    "community": ("SNMP_COMMUNITY", _form("n0c-{w8}", "{l6}RO{d2}", "rw{w10}")),
    "password": ("PASSWORD", _password),
    "hash": ("PASSWORD_HASH", _hash),
    "service": (None, _service),
    "secret": ("SECRET", _form("{w32}", "{b43}=", "{s24}{w1}")),
    "jwt": ("JWT", _jwt),
    "privatekey": ("PRIVATE_KEY", _private_key),
    "connection": ("CONNECTION_STRING", _connection),
    "version": (None, _form("{d1}.{d1}.{d2}", "V{d1}R0{d2}C{d2}", "{d2}.{d1}R{d1}", "v{d1}.{d2}.{d1}-rc{d1}")),
    "product": (None, _each("FibreMax 500|S3|Archer C7|EKS|HG8245H|Office 365|RB4011|Quick Start 2|Home Basic|SX-60")),
    "number": (None, _form("{d1}", "{d2}", "{d3}")),
    "day": (None, lambda _, faker: faker.date_this_year().isoformat()),
    "time": (None, _form("0{d1}:1{d1}:2{d1}", "1{d1}:3{d1}:0{d1}")),
    "sha": (None, _form("{x40}", "{x64}")),
    "port": (None, _form("gpon 0/{d1}/1{d1}", "GigabitEthernet0/{d1}", "xe-0/0/{d1}")),
    **{slot: (kind, _form(*forms)) for slot, (kind, forms) in EQUIPMENT.items()},
}  # fmt: skip
