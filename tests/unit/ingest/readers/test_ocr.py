from ingest.readers.ocr import sure_text

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def row(place: str, sure: float, text: str, level: int = 5) -> str:
    return "\t".join([str(level), *place.split(), "0 0 0 0".replace(" ", "\t"), str(sure), text])


def test_words_make_lines_and_paragraphs_and_noise_is_left_out():
    table = "\n".join(
        [
            HEAD,
            row("1 1 1 0 0", -1, "", 3),
            row("1 1 1 1 1", 96, "Line"),
            row("1 1 1 1 2", 91.5, "down"),
            row("1 1 1 2 1", 90, "since"),
            row("1 1 1 2 2", 12, "~;|"),
            row("1 2 1 1 1", 88, "Monday"),
            "",
        ]
    )
    assert sure_text(table) == "Line down\nsince\n\nMonday"


def test_an_empty_table_has_no_text():
    assert sure_text(HEAD) == sure_text("") == ""
