import pytest

from appliance.privacy.people.namelabels import Said, spans


def said(text: str, **labels: str) -> list[Said]:
    """Of `jane="GIVEN_NAME"` the word in the text with its label."""
    places = {word: text.lower().index(word) for word in labels}
    return [Said(places[word], places[word] + len(word), label, 0.9) for word, label in labels.items()]


@pytest.mark.parametrize(
    ("text", "labels", "found"),
    [
        ("Jane Doe called", {"jane": "GIVEN_NAME", "doe": "SURNAME"}, [("Jane Doe", "PERSON")]),
        ("Jane, Doe", {"jane": "GIVEN_NAME", "doe": "SURNAME"}, [("Jane", "PERSON"), ("Doe", "PERSON")]),
        ("Jane\nTom", {"jane": "GIVEN_NAME", "tom": "GIVEN_NAME"}, [("Jane", "PERSON"), ("Tom", "PERSON")]),
        ("J. Doe-Ray", {"j": "GIVEN_NAME", "doe": "SURNAME", "ray": "SURNAME"}, [("J. Doe-Ray", "PERSON")]),
        (
            "Elm Road 5, Flat 2, Leeds LS1 4AP",
            {
                "elm": "STREET_NAME",
                "road": "STREET_NAME",
                "5": "BUILDING_NUMBER",
                "flat": "SECONDARY_ADDRESS",
                "2": "SECONDARY_ADDRESS",
                "leeds": "CITY",
                "ls1": "ZIP_CODE",
                "4ap": "ZIP_CODE",
            },
            [("Elm Road 5, Flat 2", "ADDRESS"), ("Leeds", "LOCATION"), ("LS1 4AP", "LOCATION")],
        ),
        ("(Jane).", {"(": "SURNAME", "jane": "GIVEN_NAME", ").": "SURNAME"}, [("Jane", "PERSON")]),
        ("...", {"...": "SURNAME"}, []),
    ],
)
def test_words_become_spans(text: str, labels: dict[str, str], found: list[tuple[str, str]]):
    result = spans(text, said(text, **labels), "test")
    assert [(text[span.start : span.end], span.type) for span in result] == found
    assert {span.recognizer for span in result} <= {"test"}


def test_what_patterns_know_better_is_only_a_hint():
    text = "call 555 0100"
    (span,) = spans(text, [Said(5, 8, "PHONE", 0.99), Said(9, 13, "PHONE", 0.99)], "test")
    assert (span.start, span.end, span.type, span.score) == (5, 13, "PHONE_NUMBER", 0.3)


def test_of_two_judgements_of_a_word_the_surer_counts():
    text = "ask Paris now"
    (span,) = spans(text, [Said(4, 9, "CITY", 0.6), Said(4, 9, "GIVEN_NAME", 0.8), Said(4, 9, "CITY", 0.5)], "test")
    assert (span.type, span.score) == ("PERSON", 0.8)
