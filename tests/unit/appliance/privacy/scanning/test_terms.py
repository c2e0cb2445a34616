import pytest

from appliance.privacy.scanning.terms import FEW, Terms


def found(text: str, *values: str) -> list[str]:
    terms = Terms(dict.fromkeys(values, "PERSON"), "record")
    return [text[each.start : each.end] for each in terms.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Maria Keller",
        "maria keller",
        "MARIA KELLER",
        "Maria   Keller",
        "Maria\nKeller",
        "Maria\t Keller",
        "Maria, Keller",
    ],
)
def test_a_value_is_found_in_any_case_and_with_any_blanks(text):
    assert found(f"to {text}'s house", "Maria Keller") == [text]


@pytest.mark.parametrize(
    "text", ["Annamaria Keller", "Maria Kellers", "Maria K.", "Maria. And then Keller", "Keller Maria"]
)
def test_what_is_not_all_of_it_is_not_found(text):
    assert found(text, "Maria Keller") == []


def test_words_that_stand_far_apart_are_not_one_value():
    assert found("Maria" + " " * 20 + "Keller", "Maria Keller") == []


def test_places_are_right_where_folding_makes_letters_longer():
    assert found("ßßß İİ Straße 5, STRASSE 5", "straße 5") == ["Straße 5", "STRASSE 5"]


def test_the_longest_value_wins():
    assert found("Maria Keller-Huber", "Maria", "Maria Keller", "Maria Keller-Huber")[0] == "Maria Keller-Huber"


def test_signs_that_belong_to_a_value_are_part_of_the_find():
    assert found("call +49 170 1234567.", "+49 170 1234567") == ["+49 170 1234567"]
    assert found("call 49 170 1234567.", "+49 170 1234567") == ["49 170 1234567"]
    assert found("at ACME (Inc.) now", "ACME (Inc.)") == ["ACME (Inc.)"]


@pytest.mark.parametrize("value", ["", " ", "...", "a", "12", "123"])
def test_a_value_that_would_be_found_everywhere_is_not_looked_for(value):
    assert found("a 12 123 ... x", value) == []


def test_short_names_and_numbers_of_four_digits_are():
    assert found("Li has 4711", "Li", "4711") == ["Li", "4711"]


def test_a_long_list_is_searched_as_well():
    assert found("nothing of name77 here", *(f"name{number}" for number in range(2 * FEW))) == ["name77"]


def test_a_find_names_its_type_and_who_said_so():
    (span,) = Terms({"Maria": "CUSTOMER"}, "denied").find("Maria")
    assert (span.type, span.score, span.recognizer) == ("CUSTOMER", 1.0, "denied")
