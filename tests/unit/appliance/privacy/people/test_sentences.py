import pytest

from appliance.privacy.people.sentences import sentences, windows
from appliance.privacy.wordpiece import Word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It works. Thanks!", ["It works.", "Thanks!"]),
        ("I asked Mr. Smith of St. Ives", ["I asked Mr. Smith of St. Ives"]),
        ("Jane Doe\n\n  12 Elm Road\n", ["Jane Doe", "12 Elm Road"]),
        ('She said "come here." Then she left', ['She said "come here."', "Then she left"]),
        ("version 7.1.2 is out", ["version 7.1.2 is out"]),
        ("Wir wohnen Lindenstr. 2. Danke!", ["Wir wohnen Lindenstr. 2. Danke!"]),
        ("\n\n", []),
        ("", []),
    ],
)
def test_text_is_split_where_sentences_end(text: str, found: list[str]):
    assert [text[start:end] for start, end in sentences(text)] == found


def line(words: int, pieces: int = 1) -> list[Word]:
    return [Word(place, place + 1, tuple(range(pieces))) for place in range(words)]


def test_short_sentences_share_a_window():
    found = list(windows([line(4), line(5), line(3)], pieces=10, overlap=2))
    assert [len(window) for window in found] == [9, 3]


def test_a_long_sentence_is_cut_into_parts_that_overlap():
    found = list(windows([line(24)], pieces=10, overlap=2))
    assert [[window[0].start, window[-1].start] for window in found] == [[0, 9], [8, 17], [16, 23]]


def test_no_window_is_larger_than_it_may_be():
    found = list(windows([line(30, pieces=6)], pieces=10, overlap=4))
    assert [len(window) for window in found] == [1] * 30
    assert [window[0].start for window in found] == list(range(30))
