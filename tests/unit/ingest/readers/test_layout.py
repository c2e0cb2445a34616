from ingest.content import Block
from ingest.readers.layout import blocks, parts, running, without
from ingest.readers.words import Page, Word

LONG = "a line of text that fills its column well"


def page(rows: list[tuple[float, float, str]], number: int = 1, size: float = 10, bold: bool = False) -> Page:
    words = [
        Word(each, left + 5.5 * text.index(each, 0), left + 5.5 * (text.index(each, 0) + len(each)), base, size, bold)
        for left, base, text in rows
        for each in text.split()
    ]
    return Page(number, tuple(words), (), 842)


def spaced(left: float, base: float, text: str) -> list[tuple[float, float, str]]:
    """Each word at its own place, so that words that repeat do not share one."""
    found, at = [], left
    for each in text.split():
        found.append((at, base, each))
        at += 5.5 * (len(each) + 1)
    return found


def read(*pages: Page) -> list[Block]:
    return list(blocks(part for each in pages for part in parts(each)))


def text(rows: list[tuple[float, float, str]]) -> list[str]:
    return [each.text for each in read(page([word for row in rows for word in spaced(*row)]))]


def test_columns_are_read_one_after_the_other_however_they_were_drawn():
    left = [(50, 700 - 12 * n, f"L{n} {LONG}.") for n in range(6)]
    right = [(320, 700 - 12 * n, f"R{n} {LONG}.") for n in range(6)]
    mixed = [each for pair in zip(left, right, strict=True) for each in pair]
    (found,) = [" ".join(text([(50, 760, "A title above both of the columns of this page and wider"), *mixed]))]
    order = [each for each in found.split() if each[0] in "LR" and each[1:].isdigit()]
    assert order == [f"L{n}" for n in range(6)] + [f"R{n}" for n in range(6)]
    assert found.startswith("A title")


def test_short_parts_side_by_side_are_a_table():
    rows = [(50, 700 - 15 * n, cell) for n, cell in enumerate(["Plan", "Fibre 250", "Fibre 1000"])]
    rows += [(300, 700 - 15 * n, cell) for n, cell in enumerate(["Price", "39.90", "69.90"])]
    assert text(rows) == ["Plan | Price\nFibre 250 | 39.90\nFibre 1000 | 69.90"]


def test_broken_words_are_mended_and_compounds_stay():
    assert text([(50, 700, "Die Glasfaser-"), (50, 688, "leitung ist da. IP-"), (50, 676, "based")]) == [
        "Die Glasfaserleitung ist da. IP-based"
    ]
    assert text([(50, 700, "Fran\u00ad"), (50, 688, "kfurt")]) == ["Frankfurt"]


def test_a_gap_begins_a_paragraph_and_an_item_a_list():
    assert text(
        [(50, 700, "One"), (50, 688, "goes on"), (50, 660, "Two"), (50, 630, "1. look"), (50, 618, "2. ask")]
    ) == [
        "One goes on",
        "Two",
        "1. look\n2. ask",
    ]


def test_a_sentence_goes_on_over_the_page():
    found = read(page(spaced(50, 100, "It never")), page(spaced(50, 780, "ends here."), 2))
    assert [(each.text, each.spot.page) for each in found] == [("It never ends here.", 1)]


def test_larger_letters_are_headings_by_their_size():
    large, middle = page(spaced(50, 760, "Top"), size=18), page(spaced(50, 740, "Below"), size=14)
    body = page(spaced(50, 700, LONG + " and on"))
    bold = page(spaced(50, 660, "Strong"), bold=True)
    words = (*large.words, *middle.words, *body.words, *bold.words)
    found = read(Page(1, words, (), 842))
    assert [(each.kind, each.level) for each in found] == [
        ("heading", 1),
        ("heading", 2),
        ("paragraph", 0),
        ("heading", 3),
    ]


def test_running_lines_are_left_out_and_others_are_not():
    pages = [
        parts(page(spaced(50, 820, "Ring handbook") + spaced(50, 400, LONG) + spaced(50, 20, f"page {n}"), n))
        for n in range(1, 5)
    ]
    left_out = running(pages)
    assert left_out == {"Ring handbook", "page #"}
    assert [part.line.text for part in without(pages[0], left_out)] == [LONG]
    assert running(pages[:2]) == set()
