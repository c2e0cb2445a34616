import time

import pytest

from appliance.privacy.people.gate import bundled, phrases
from appliance.privacy.people.introductions import Introductions


@pytest.fixture(scope="module")
def introductions() -> Introductions:
    return Introductions(phrases("introductions"), bundled().is_plain)


def introduced(introductions: Introductions, text: str) -> list[str]:
    return [text[word.start : word.end] for word in introductions.names(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dzień dobry, nazywam się Krzysztof Semenowicz i nie działa mi internet.", ["Krzysztof", "Semenowicz"]),
        ("Z poważaniem,\nKajetan Kuk\n", ["Kajetan", "Kuk"]),
        ("Sehr geehrte Frau Müller-Weiß, der Termin passt.", ["Müller", "Weiß"]),
        ("Bom dia, chamo-me Enzo Carvalho e não tenho internet.", ["Enzo", "Carvalho"]),
        ("Je m'appelle Zoé", ["Zoé"]),
        ("Mijn zoon Daan van den Berg belt", ["Daan", "van", "den", "Berg"]),
        ("Un saludo,\n\nMaría de la Cruz", ["María", "de", "la", "Cruz"]),
        ("Titulaire : Amélie Ferrand", ["Amélie", "Ferrand"]),
        ("frau müller", []),
        ("Mit freundlichen Grüßen\nTechnik und Kundendienst", []),
        ("Kind regards,\nSupport Team", []),
        ("my name is on the invoice", []),
        ("my name is. Restart the router", []),
        ("Mr", []),
        ("", []),
    ],
)
def test_a_name_follows_what_introduces_it(introductions: Introductions, text: str, names: list[str]):
    assert introduced(introductions, text) == names


@pytest.mark.parametrize("unit", ["Frau ", "Frau A", "my name is ", "Mr. Ab de la ", "A"])
def test_long_runs_take_no_time(introductions: Introductions, unit: str):
    begun = time.thread_time()
    list(introductions.names(unit * (100_000 // len(unit))))
    assert time.thread_time() - begun < 2.0
