from ingest.readers.words import Word, lines


def word(text: str, left: float, base: float = 700, *, right: float = 0, size: float = 10, bold: bool = False) -> Word:
    return Word(text, left, right or left + 5 * len(text), base, size, bold)


def test_words_on_one_height_are_a_line_from_left_to_right():
    found = lines([word("down", 130), word("Line", 100, 700.8), word("below", 100, 680)])
    assert [each.text for each in found] == ["Line down", "below"]


def test_a_wide_gap_parts_a_line_and_a_mark_of_a_list_does_not():
    assert [each.text for each in lines([word("Fibre", 100), word("250", 200), word("39.90", 300)])] == [
        "Fibre",
        "250",
        "39.90",
    ]
    assert [each.text for each in lines([word("•", 100), word("plug", 130)])] == ["• plug"]
    assert [each.text for each in lines([word("1.", 100), word("plug", 130)])] == ["1. plug"]


def test_letters_set_close_make_one_word():
    assert lines([word("customer'", 100, right=145), word("s", 145.2)])[0].text == "customer's"


def test_a_line_is_bold_when_most_of_it_is():
    assert lines([word("Prices", 100, bold=True), word("a", 133)])[0].bold
    assert not lines([word("Prices", 100), word("a", 133, bold=True)])[0].bold
