"""How values look: each function draws one, with check digits that are right."""

import base64
import json
import string
from collections.abc import Callable
from importlib import import_module
from itertools import count
from random import Random

from stdnum import iban, luhn

from tests.privacy_data.forms import draw

Draw = Callable[[Random], str]
IPV6 = ("2a02:{x3}1:{x3}2:{x3}3::{x3}4", "2a0d:5{x3}:{x4}:{x3}1:{x3}2:{x3}3:{x3}4:{x3}5")


def form(*forms: str) -> Draw:
    return lambda random: draw(random, random.choice(forms))


def valid(module: str, *forms: str) -> Draw:
    """Draws until the check digits are right."""
    check = import_module(f"stdnum.{module}").is_valid
    return lambda random: next(value for _ in count() if check(value := draw(random, random.choice(forms))))


def word(random: Random, length: int = 6) -> str:
    """One that can be spoken, so that no encoding is seen in it."""
    return "".join(random.choice("bdfgklmnprstvz" if at % 2 == 0 else "aeiou") for at in range(length))


def mail(random: Random) -> str:
    return f"{word(random)}.{word(random)}@{word(random)}.example"


def number(random: Random, low: int, high: int) -> str:
    return str(random.randint(low, high))


def ipv4(random: Random) -> str:
    return ".".join((random.choice(("81", "91", "185", "193")), *(number(random, 20, 250) for _ in range(3))))


def network(random: Random) -> str:
    return f"{ipv4(random)}/{number(random, 25, 30)}"


def mac(pattern: str) -> Draw:
    return lambda random: "".join(random.choice("0123456789abcdef") if sign == "x" else sign for sign in pattern)


def street(random: Random) -> str:
    return f"{number(random, 12, 980)} {word(random).title()} Street"


def german_street(random: Random) -> str:
    return (
        f"{word(random).title()}straße {number(random, 12, 280)}, {number(random, 20100, 89999)} {word(random).title()}"
    )


def position(random: Random) -> str:
    return f"{random.uniform(41, 58):.6f}, {random.uniform(2, 23):.6f}"


def birthday(random: Random) -> str:
    return f"{number(random, 1940, 2004)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def account(country: str, digits: int) -> Draw:
    def make(random: Random) -> str:
        bare = draw(random, f"{{d{digits}}}")
        return country + iban.calc_check_digits(f"{country}00{bare}") + bare

    return make


def with_luhn(pattern: str) -> Draw:
    def make(random: Random) -> str:
        bare = draw(random, pattern)
        return bare + luhn.calc_check_digit(bare)

    return make


def spaced_card(random: Random) -> str:
    card = with_luhn("5425{d11}")(random)
    return " ".join(card[at : at + 4] for at in range(0, 16, 4))


def jwt(random: Random) -> str:
    def part(held: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': word(random, 12)})}.{draw(random, '{w43}')}"


def private_key(random: Random) -> str:
    body = "\n".join(draw(random, "{b64}") for _ in range(3))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"


def password(random: Random) -> str:
    return f"{word(random).title()}{number(random, 100, 999)}-{word(random)}!"


def month(random: Random) -> str:
    return f"{random.randint(50, 99)}{random.randint(1, 12):02}{random.randint(1, 28):02}"


def dated(module: str, pattern: str) -> Draw:
    """A number that begins with a birthday: `Y` stands for it."""
    check = import_module(f"stdnum.{module}").is_valid

    def candidate(random: Random) -> str:
        return draw(random, pattern.replace("Y", month(random)).replace("D", month(random)[::-1]))

    return lambda random: next(value for _ in count() if check(value := candidate(random)))


def day_first(module: str, pattern: str) -> Draw:
    """The same with the day in front: `D` stands for day, month and year."""
    check = import_module(f"stdnum.{module}").is_valid

    def candidate(random: Random) -> str:
        day = f"{random.randint(1, 28):02}{random.randint(1, 12):02}{random.randint(50, 99)}"
        return draw(random, pattern.replace("D", day))

    return lambda random: next(value for _ in count() if check(value := candidate(random)))


def fiscal_code(random: Random) -> str:
    letters = "".join(random.choices("BCDFGLMNPRSTVZ", k=6))
    bare = f"{letters}{number(random, 50, 99)}{random.choice('ABCDEHLMPRST')}{random.randint(1, 28):02}H501"
    return bare + str(import_module("stdnum.it.codicefiscale").calc_check_digit(bare))


def community(random: Random) -> str:
    return f"{word(random)}-{''.join(random.choices(string.digits, k=4))}-ro"


def dotted(random: Random) -> str:
    return f"{word(random)}.{word(random)}"


def login(random: Random) -> str:
    return f"{word(random)}{number(random, 100, 999)}@dsl.lan"


def page(random: Random) -> str:
    return f"https://{word(random)}.example/kunden/{word(random)}?id={number(random, 10**6, 10**7)}"


def host(random: Random) -> str:
    return f"cpe-{number(random, 1000, 9999)}.{word(random)}.access.isp.example"


def port(random: Random) -> str:
    return f"ge-{number(random, 10, 99)}/{number(random, 10, 99)}.{number(random, 1000, 4000)}"


def ssid(random: Random) -> str:
    return f"{word(random).title()}-WiFi-{number(random, 1000, 9999)}"


def person(random: Random) -> str:
    return f"{word(random).title()} {word(random).title()}"


def connection(random: Random) -> str:
    return f"postgresql://{word(random)}:{draw(random, '{w14}')}@db.{word(random)}.example:5432/crm"


def pan(random: Random) -> str:
    letters = "".join(random.choices("BDFGKLM", k=3))
    return f"{letters}P{random.choice('BDFGK')}{number(random, 1000, 9999)}{random.choice('BDFGK')}"


def nric(random: Random) -> str:
    digits = [random.randint(0, 9) for _ in range(7)]
    total = sum(weight * digit for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), digits, strict=True))
    return f"S{''.join(map(str, digits))}{'JZIHGFEDCBA'[total % 11]}"
