"""Documents that an ISP writes again and again: price lists, faults, terms, sites. Numbers are drawn, words are not."""

import random
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).parent
YEARS = (2024, 2025, 2026)
LANGUAGES = ("en", "de", "fr")
FEES = (("activation", 9, 89), ("visit", 39, 99), ("express", 6, 19), ("extra_1_price", 1, 6), ("extra_2_price", 2, 9))
FAULTS = 16
SITES = 16
HOURS = {"en": "hours", "de": "Stunden", "fr": "heures"}
TERMS = {"en": "month", "de": "Monate", "fr": "mois"}


def series() -> Iterator[str]:
    """Pages in the markup of this folder."""
    yield from _manuals()
    yield from _prices()
    yield from _faults()
    yield from _sites()
    yield from _terms()
    yield from _levels()


def _filled(form: str, fields: Mapping[str, Any]) -> str:
    return Template((HERE / "forms" / f"{form}.md").read_text(encoding="utf-8")).substitute(fields)


def _rows(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / "rows" / f"{name}.toml").read_text(encoding="utf-8"))


def _manuals() -> Iterator[str]:
    for row in _rows("devices")["row"]:
        for language in LANGUAGES:
            if f"intro_{language}" in row:
                yield _filled(f"router.{language}", row)


def _prices() -> Iterator[str]:
    told = _rows("tariffs")
    for brand in told["brand"]:
        for line in brand["line"]:
            for version, year in enumerate(YEARS, 1):
                yield _filled(f"prices.{brand['language']}", _price_list(told["months"], brand, line, version, year))


def _price_list(months: Any, brand: Any, line: Any, version: int, year: int) -> dict[str, Any]:
    draw = random.Random(f"{brand['key']} {line['key']} {year}")
    language = brand["language"]
    rows = []
    for step, (plan, rate) in enumerate(zip(line["plans"], line["rates"], strict=True)):
        price = line["base"] * (1 + 0.045 * version + 0.42 * step) + draw.randint(-120, 120) / 100
        later = price + draw.choice((0, 3, 5, 7.5, 10))
        term = f"{draw.choice((1, 12, 18, 24))} {TERMS[language]}"
        rows.append(f"{plan} | {rate} | {_money(price, language)} | {_money(later, language)} | {term}")
    month = draw.randrange(3)
    fees = {
        name: _money(draw.randint(low, high) + draw.choice((0, 0.5, 0.9, 0.95)), language) for name, low, high in FEES
    }
    return {
        **fees,
        "brand": brand["key"],
        "name": brand["name"],
        "line": line["key"],
        "line_name": line["name"],
        "year": year,
        "version": version,
        "month": months[language][month],
        "date": f"{year}-{(1, 4, 10)[month]:02}-01",
        "before": year - 1,
        "plans": "\n".join(f"| {row} |" for row in rows),
        "row_1": rows[0],
        "row_3": rows[-1],
        "plan_1": line["plans"][0],
        "plan_2": line["plans"][1],
        "plan_3": line["plans"][-1],
        "extra_1": line["extras"][0],
        "extra_2": line["extras"][1],
        "student": draw.randint(8, 35),
        "friend": draw.randint(15, 80),
    }


def _money(amount: float, language: str) -> str:
    return f"{amount:.2f}" if language == "en" else f"{amount:.2f}".replace(".", ",")


def _faults() -> Iterator[str]:
    told = _rows("places")
    for language in LANGUAGES:
        draw = random.Random(f"faults {language}")
        causes = draw.sample(told["causes"][language], FAULTS)
        for number in range(FAULTS):
            day = date(2025, 9, 3) + timedelta(days=17 * number + draw.randrange(12))
            begin = draw.randint(40, 900)
            times = [begin, begin + draw.randint(9, 55), begin + draw.randint(70, 190), begin + draw.randint(200, 420)]
            clock = dict(
                zip(("begin", "found", "mended", "end"), (f"{at // 60}:{at % 60:02}" for at in times), strict=True)
            )
            service = told["services"][draw.randrange(len(told["services"]))]
            place = told["places"][language][number]
            yield _filled(
                f"fault.{language}",
                {
                    **clock,
                    "key": f"{day}-{_slug(place)}",
                    "place": place,
                    "part": draw.choice(told["parts"][language]),
                    "day": day.isoformat() if language == "en" else f"{day:%d.%m.%Y}",
                    "date": day,
                    "service": service["key"],
                    f"service_{language}": service[language],
                    f"cause_{language}": causes[number],
                    "lines": draw.randint(41, 9800),
                    "number": f"F-{draw.randint(100000, 999999)}",
                    "credit": (day + timedelta(days=30)).strftime("%m/%Y"),
                },
            )


def _sites() -> Iterator[str]:
    told = _rows("places")
    draw = random.Random("sites")
    odd = draw.sample(told["odd"]["en"], SITES)
    for number, place in enumerate(told["places"]["en"][:SITES]):
        drawn = {f"circuit_{n}": f"TRL-{draw.randint(10000, 99999)}" for n in (1, 2)}
        drawn |= {f"loop_{n}": f"10.255.{number + 1}.{draw.randint(1, 254)}" for n in (1, 2, 3)}
        drawn |= {f"serial_{n}": f"{draw.choice('ABCDEF')}{draw.randint(10**7, 10**8 - 1)}" for n in (1, 2, 3)}
        yield _filled(
            "site.en",
            {
                **drawn,
                "key": _slug(place),
                "slug": _slug(place),
                "place": place,
                "date": date(2024, 2, 1) + timedelta(days=draw.randrange(700)),
                "room": f"{draw.choice('ABKU')}{draw.randint(1, 42):02}",
                "safe": f"{draw.choice(('red', 'blue', 'green', 'white', 'brass'))} {draw.randint(11, 99)}",
                "envelope": draw.randint(101, 399),
                "battery": f"{draw.choice((120, 180, 240, 400))} Ah",
                "transformer": f"T{draw.randint(1000, 9999)}",
                "second": draw.choice(("up", "up", "down")),
                "port": draw.randint(0, 7),
                "link_1": f"10.254.{number}.{4 * draw.randint(0, 60) + 1}/30",
                "metric": draw.randint(10, 90),
                "mtu": draw.choice((1600, 2000, 4470, 9000, 9178)),
                "odd": odd[number],
            },
        )


def _terms() -> Iterator[str]:
    notices = {
        "en": ("one month's", "six weeks'", "three months'"),
        "de": ("einem Monat", "sechs Wochen", "drei Monaten"),
        "fr": ("dix jours", "un mois", "deux mois"),
    }
    for language in LANGUAGES:
        draw = random.Random(f"terms {language}")
        limits = [
            ("warn", (30, 42, 45, 60)),
            ("comp", (3, 4, 5, 6, 7)),
            ("cap", (30, 40, 50, 60)),
            ("back", (10, 14, 21)),
        ]
        for version, year in enumerate(YEARS):
            hours = draw.choice((24, 36, 48, 72))
            yield _filled(
                f"terms.{language}",
                {
                    **{name: draw.choice(choices) for name, choices in limits},
                    "year": year,
                    "version": version + 1,
                    "term": (24, 18, 12)[version],
                    "notice": notices[language][version],
                    "raise": f"{draw.randint(21, 79) / 10}".replace(".", "." if language == "en" else ","),
                    "fair": 500 * draw.randint(4, 19),
                    "fix": f"{hours} {HOURS[language]}",
                    "liable": f"{draw.randint(3, 25) * 500}",
                    "device": draw.randint(45, 180),
                },
            )


def _levels() -> Iterator[str]:
    excluded = (
        "Work that was announced ten days before, and force majeure.",
        "The time until somebody opens the door, and faults of devices that are not ours.",
        "Attacks on the customer's own addresses without Shield, and power cuts at the customer.",
        "Nothing: every minute counts, announced work too.",
    )
    draw = random.Random("levels")
    for name in ("Fjordline", "Kaskade Netz", "Alizée Télécom"):
        for place, level in enumerate(("Bronze", "Silver", "Gold", "Platinum")):
            yield _filled(
                "sla.en",
                {
                    "key": f"{_slug(name)}-{level.lower()}",
                    "name": name,
                    "level": level,
                    "date": date(2025, 1 + 3 * place, draw.randint(1, 28)),
                    "number": draw.randint(1000, 9999),
                    "lines_kind": ("copper", "fibre", "two routes", "two routes and a third by radio")[place],
                    "availability": f"{(99.0, 99.5, 99.9, 99.99)[place] - draw.randint(0, 4) / 100:.2f}",
                    "mend": (24, 12, 8, 4)[place] - draw.randint(0, 2),
                    "when": ("working days 8-18", "Monday to Saturday", "every day 6-22", "day and night")[place],
                    "word": (120, 60, 30, 15)[place] - draw.randint(0, 9),
                    "delay": draw.randint(6, 28),
                    "loss": f"0.{draw.randint(1, 9)}",
                    "credit": draw.randint(2, 9),
                    "most": draw.randint(20, 60),
                    "ask": draw.randint(14, 60),
                    "excluded": excluded[place],
                },
            )


def _slug(place: str) -> str:
    plain = place.lower().replace("é", "e").replace("ü", "ue")
    return "".join(each if each.isalnum() else "-" for each in plain)
