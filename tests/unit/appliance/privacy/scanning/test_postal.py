import pytest

from appliance.privacy.scanning.postal import joined
from appliance.privacy.span import Span


def found(text: str, *parts: tuple[str, str]) -> list[tuple[str, str]]:
    spans = [Span(text.index(part), text.index(part) + len(part), kind, 0.8, "x") for kind, part in parts]
    return [(each.type, text[each.start : each.end]) for each in joined(text, spans)]


@pytest.mark.parametrize("between", [", ", "\n", ",\n    ", " ", ", Lake Anna, "])
def test_a_street_and_its_town_are_one_address(between):
    text = f"to Kargering 3{between}12076 Ribnitz now"
    parts = ("ADDRESS", "Kargering 3"), ("LOCATION", "12076 Ribnitz")
    assert found(text, *parts) == [("ADDRESS", f"Kargering 3{between}12076 Ribnitz")]


@pytest.mark.parametrize("between", [" and then to ", "; he moved from ", "\n\n\n"])
def test_what_stands_apart_stays_apart(between):
    text = f"Kargering 3{between}12076 Ribnitz"
    assert len(found(text, ("ADDRESS", "Kargering 3"), ("LOCATION", "12076 Ribnitz"))) == 2


def test_only_a_street_begins_one():
    assert len(found("Bonn, 12076 Ribnitz", ("LOCATION", "Bonn"), ("LOCATION", "12076 Ribnitz"))) == 2
    assert len(found("Kargering 3, 10.1.1.1", ("ADDRESS", "Kargering 3"), ("IP_ADDRESS", "10.1.1.1"))) == 2
