import pytest
from hypothesis import given
from hypothesis.strategies import characters, text

from appliance.errors import TooLarge
from appliance.privacy.scanning import strays as module
from appliance.privacy.scanning.strays import stands_in, strays, with_strays
from appliance.privacy.span import Span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Jane Doe", "for Jane Doe, please"),
        ("Jane Doe", "for JANE DOE"),
        ("jane@example.net", "Jane@Example.net"),
        ("Will", "ask Will"),
        ("10.1.2.3", "ping 10.1.2.3!"),
    ],
)
def test_a_value_is_seen_wherever_it_stands_alone(value, text):
    known = strays({value: "X"}, ["nothing", text])
    assert known == [(value, "X")]
    (span,) = with_strays(text, (), known)
    assert (text[span.start : span.end].lower(), span.type) == (value.lower(), "X")


@pytest.mark.parametrize(
    ("value", "text"), [("Will", "it will do"), ("on", "it is on"), ("Jane Doe", "Jane"), ("Jane Doe", "Jane\0 Doe")]
)
def test_what_is_another_word_is_left(value, text):
    assert strays({value: "X"}, [text]) == []


@pytest.mark.parametrize("text", ["Jane Doering", "10.1.2.34", "110.1.2.3", "Maryjane Doe"])
def test_a_part_of_a_longer_word_is_left(text):
    assert with_strays(text, (), strays({"Jane Doe": "X", "10.1.2.3": "Y"}, [text])) == []


def test_longer_ones_win_and_what_was_found_stays():
    text = "Jane Doe, Jane Doe-Roe, Jane Doe"
    known = strays({"Jane Doe": "A", "Jane Doe-Roe": "B"}, [text])
    found = Span(0, 8, "FOUND", 1.0, "test")
    spans = with_strays(text, (found,), known)
    assert [(each.start, each.type) for each in spans] == [(0, "FOUND"), (10, "B"), (24, "A")]


def test_letters_that_grow_in_lower_case_do_not_shift_places():
    text = "İİİ 10.1.2.3"
    (span,) = with_strays(text, (), [("10.1.2.3", "X")])
    assert text[span.start : span.end] == "10.1.2.3"


def test_many_values_in_a_long_text_are_found_and_bounded():
    clear = [f"line {number} of host{number}.example.net" for number in range(2_000)]
    values = {f"user{number}@example.net": "X" for number in range(2_000)} | {"host7.example.net": "Y"}
    assert strays(values, clear) == [("host7.example.net", "Y")]
    wordy = {f"host{number} line": "X" for number in range(2_000)}
    assert len(wordy) * sum(map(len, clear)) < module.MOST_WORK
    with pytest.raises(TooLarge):
        strays(wordy, clear * 10)


@given(text(alphabet=characters(max_codepoint=300)), text(alphabet=characters(max_codepoint=300), min_size=4))
def test_a_long_text_shows_the_same_as_a_short_one(before, value):
    clear = f"{before} {value} ."
    fillers = {f"user{number}@example.net": "X" for number in range(400)}
    short = {each for each, _ in strays({value: "X"}, [clear])}
    assert short == {each for each, _ in strays({value: "X", **fillers}, [clear, "line " * 1_000])}


@pytest.mark.parametrize(
    ("value", "text", "stands"),
    [("9911", "pin 9911.", True), ("9911", "99110 and 9911", True), ("9911", "99110", False), ("9911", "", False)],
)
def test_whether_a_value_stands_alone_in_a_text(value, text, stands):
    assert stands_in(value, text) is stands
