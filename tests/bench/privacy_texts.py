"""Texts as people paste them into a chat with their provider, made up from a seed; no two are alike."""

import random
from collections.abc import Iterator

NAMES = [
    "Maria Keller",
    "John Okafor",
    "Sofia Almeida",
    "Piotr Nowak",
    "Anna Lindqvist",
    "Kevin Byrne",
    "Chloe Martin",
    "Ravi Menon",
]
STREETS = ["Station Road", "High Street", "Mill Lane", "Park Avenue", "Church Street", "Victoria Road", "Linden Street"]
CITIES = ["Leeds", "Hamburg", "Porto", "Lyon", "Austin", "Gdansk", "Malmo", "Bristol", "Utrecht", "Pune"]
SENTENCES = (
    "my internet has been down since {clock} and the light on the router is red.",
    "I restarted it three times as your colleague told me, but nothing changed.",
    "The MAC address is {mac} and it gets {ip} from the server.",
    "You can call me on {phone} after five or write to {mail}.",
    "My contract is {contract} and the last invoice was {invoice}.",
    "The technician should come to {number} {street}, {city}, please.",
    "Why is the bill twice as high as in the month before?",
    "Please check the line again, the speed in the evening is not what I pay for.",
    "This is {name}, I have written about this before and had no answer.",
    "The modem says serial number {serial} and firmware 3.2.{digit}.",
    "{clock} radiusd: Login OK: [{user}] (from client bras-{digit} port 14 cli {mac})",
    "interface GigabitEthernet0/{digit} is up, address {ip}, 5 minute input rate 12000 bits/sec",
    "snmp-server community {word} RO",
    "IMEI {imei}, the phone has no signal in the house.",
    "Pay it from {card} please, as always.",
    "How long will it take, and can I keep my telephone number when I move?",
    "We use it for work from home and for television, so it matters a lot.",
    "Nobody told me that the plan ends, I would like to have it back.",
)


def texts(seed: int, length: int, count: int) -> list[str]:
    """Each of exactly this many characters."""
    lot = random.Random(seed)
    return [_text(lot, length) for _ in range(count)]


def _text(lot: random.Random, length: int) -> str:
    text = f"Hello, I am {lot.choice(NAMES)} from {lot.choice(CITIES)}, "
    while len(text) < length:
        text += _sentence(lot) + lot.choice(" \n")
    return text[:length]


def _sentence(lot: random.Random) -> str:
    name = lot.choice(NAMES)
    return lot.choice(SENTENCES).format(
        name=name,
        street=lot.choice(STREETS),
        city=lot.choice(CITIES),
        mail=f"{name.lower().replace(' ', '.')}{lot.randrange(100)}@example.org",
        user=f"{name.split()[1].lower()}{lot.randrange(1000)}@dsl.example.net",
        clock=f"{lot.randrange(24):02}:{lot.randrange(60):02}",
        digit=lot.randrange(10),
        number=lot.randrange(1, 200),
        mac=":".join(f"{lot.randrange(256):02x}" for _ in range(6)),
        ip=".".join(str(lot.randrange(1, 255)) for _ in range(4)),
        phone=f"+44 7{lot.randrange(10**9):09}",
        contract=f"C-{lot.randrange(10**8):08}",
        invoice=f"INV-{lot.randrange(10**6):06}",
        serial=f"HWTC{lot.randrange(16**8):08X}",
        word="".join(lot.choices("abcdefghkmnp23456789", k=10)),
        imei=_with_check_digit(lot, "35", 15),
        card=_with_check_digit(lot, "4", 16),
    )


def _with_check_digit(lot: random.Random, start: str, length: int) -> str:
    digits = start + "".join(lot.choices("0123456789", k=length - 1 - len(start)))
    doubled = sum(sum(divmod(int(each) * (2 - at % 2), 10)) for at, each in enumerate(reversed(digits)))
    return f"{digits}{-doubled % 10}"


def worst(size: int) -> Iterator[tuple[str, str]]:
    """Inputs made to take long, with names."""
    for unit in (
        ".",
        "@",
        "1",
        "1234567890",
        "a@a.a@a.",
        "([{",
        '{"a":["',
        "1.1.",
        "00:",
        "1 2 ",
        "https://a.b/",
        "password: ",
    ):
        yield f"{unit!r} over and over", (unit * size)[:size]
    lot = random.Random(size)
    yield "hexadecimal digits", "".join(lot.choices("0123456789abcdef", k=size))
    yield "base64", "".join(lot.choices("ABCDEFGHabcdefgh0123456789+/", k=size))
    yield "one line of talk", texts(size, size, 1)[0].replace("\n", " ")
