import pytest

from appliance.privacy.scanning.echoes import MOST, echoes
from appliance.privacy.span import Span


def found(text, *values, type_="HOSTNAME", score=0.9):
    spans = [Span(at, at + len(value), type_, score, "first") for value in values for at in [text.index(value)]]
    return [(each.start, text[each.start : each.end], each.type) for each in echoes(text, spans)]


def test_what_was_found_once_is_found_wherever_it_stands():
    text = "core-rtr-7# show version\ncore-rtr-7 uptime is long (core-rtr-7)"
    assert found(text, "core-rtr-7") == [(25, "core-rtr-7", "HOSTNAME"), (52, "core-rtr-7", "HOSTNAME")]


@pytest.mark.parametrize("text", ["ethernet1 ethernet1/1", "core-rtr-7 xcore-rtr-7", "core-rtr-7 core-rtr-77"])
def test_parts_of_something_longer_are_none(text):
    assert found(text, text.split()[0]) == []


@pytest.mark.parametrize("value", ["backup", "router", "a1", "1234567", "pre-shared"])
def test_words_and_small_numbers_are_not_looked_for(value):
    assert found(f"{value} and {value}", value) == []


def test_types_that_their_form_tells_need_none():
    assert found("a1-b2-c3 a1-b2-c3", "a1-b2-c3", type_="PERSON") == []


def test_doubtful_finds_have_none():
    assert found("a1-b2-c3 a1-b2-c3", "a1-b2-c3", score=0.5) == []


def test_what_may_be_compared_is_bounded():
    values = [f"host-{number:05}" for number in range(MOST // 100_000 + 50)]
    text = " ".join(values + values[::-1]).ljust(100_000)
    assert 0 < len(found(text, *values)) < len(values)
