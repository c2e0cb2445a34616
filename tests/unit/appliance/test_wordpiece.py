import pytest

from appliance.wordpiece import WordPiece

PIECES = ["[UNK]", "[CLS]", "[SEP]", "jane", "doe", "o", "brien", "##s", "##on", "cafe", "小", *"'-();_a", "##b"]


@pytest.fixture
def pieces() -> WordPiece:
    return WordPiece(PIECES)


def read(pieces: WordPiece, text: str) -> list[tuple[str, str]]:
    """Each word as it stands in the text, and its pieces."""
    words = pieces.words(text)
    return [(text[word.start : word.end], " ".join(PIECES[piece] for piece in word.pieces)) for word in words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jane  DOE", [("Jane", "jane"), ("DOE", "doe")]),
        ("O'Brien-Jane", [("O", "o"), ("'", "'"), ("Brien", "brien"), ("-", "-"), ("Jane", "jane")]),
        ("janes doeson", [("janes", "jane ##s"), ("doeson", "doe ##s ##on")]),
        ("jane_doe", [("jane", "jane"), ("_", "_"), ("doe", "doe")]),
        ("zebra janez", [("zebra", "[UNK]"), ("janez", "[UNK]")]),
        ("", []),
    ],
)
def test_the_longest_known_pieces_are_taken(pieces: WordPiece, text: str, found: list[tuple[str, str]]):
    assert read(pieces, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Café;", [("Café", "cafe"), (";", ";")]),
        ("cafe\u0301 doe", [("cafe\u0301", "cafe"), ("doe", "doe")]),
        ("小 jane小", [("小", "小"), ("jane", "jane"), ("小", "小")]),
        ("😀 Jane", [("😀", "[UNK]"), ("Jane", "jane")]),
        ("\uff2a\uff41\uff4e\uff45\uff08doe\uff09", [("Ｊａｎｅ", "jane"), ("（", "("), ("doe", "doe"), ("）", ")")]),  # noqa: RUF001
        ("ja\u200bne\u00a0doe", [("ja\u200bne", "jane"), ("doe", "doe")]),
        ("\u0130 jane", [("\u0130", "[UNK]"), ("jane", "jane")]),
    ],
)
def test_places_are_those_of_the_text_as_given(pieces: WordPiece, text: str, found: list[tuple[str, str]]):
    assert read(pieces, text) == found


def test_a_word_beyond_measure_costs_one_piece(pieces: WordPiece):
    (word,) = pieces.words("a" + "b" * 10_000)
    assert word.pieces == (PIECES.index("[UNK]"),)
    (word,) = pieces.words("a" + "b" * 99)
    assert len(word.pieces) == 100
