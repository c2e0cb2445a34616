import pytest

from appliance.privacy.scanning.context import Vicinity, openers, phrases


def distance(text: str, *context: str, value: str = "4711") -> int | None:
    data = text.encode()
    start = data.index(value.encode())
    wanted = phrases(context)
    return Vicinity(text, data, openers([wanted])).distance(wanted, start, start + len(value.encode()))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("imei 4711", 0),
        ("IMEI: 4711", 0),
        ('"imei_number": "4711"', 1),
        ("imei-of-device=4711", 2),
        ("4711 (imei)", 0),
        ("4711 is its imei", None),
        ("imei one two three four five 4711", 5),
        ("imei one two three four five six 4711", None),
        ("imei" + " " * 80 + "4711", None),
        ("my timeis 4711", None),
        ("imeis 4711", None),
        ("nothing 4711", None),
        ("4711", None),
    ],
)
def test_a_word_counts_when_it_is_near_and_whole(text, words):
    assert distance(text, "imei") == words


def test_the_nearest_of_several_counts():
    assert distance("imei and serial no 4711", "imei", "serial") == 1
    assert distance("imei x imei 4711", "imei") == 0


def test_letters_that_are_not_ascii_count_in_any_case():
    assert distance("GERÄTENUMMER: 4711", "gerätenummer") == 0
    assert distance("İ imei 4711", "imei") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date of birth: 4711", 0),
        ("Date-of-Birth is 4711", 1),
        ("birth of date 4711", None),
        ("4711 date of birth", None),
    ],
)
def test_a_context_word_may_be_a_phrase(text, words):
    assert distance(text, "date of birth") == words


def test_a_context_word_may_be_written_with_signs():
    assert distance("e-mail 4711", "e-mail") == 0
    assert distance("S/N: 4711", "s/n", "#") == 0


def test_a_phrase_may_stand_behind():
    assert distance("4711 serial number", "serial number") == 0


def test_on_a_line_that_has_words_the_line_above_does_not_count():
    assert distance("imsi: 1\nnumber: 4711", "imsi") is None
    assert distance("number: 4711\nimsi: 1", "imsi") is None


def test_a_text_mentions_its_words():
    vicinity = Vicinity("IMEI_number: 5", b"IMEI_number: 5", frozenset())
    assert vicinity.mentions(frozenset([b"imei"]))
    assert not vicinity.mentions(frozenset([b"imsi", b"numb"]))


def test_the_line_above_counts_for_a_value_that_stands_alone():
    assert distance("Your IMEI:\n  4711", "imei") == 0
    assert distance("imei\n\n4711", "imei") is None


def test_the_head_of_a_table_counts_for_its_first_line():
    assert distance("line;imei;state\n76;4711;open", "imei") == 1
    assert distance("line;imei;state\nabc;4711;open", "imei") is None
