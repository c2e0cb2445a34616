from reportlab.platypus import PageBreak

from ingest.readers.file import Bounds
from tests.documents import paper, rawpdf
from tests.unit.ingest.readers.reading import only, read, refused


def test_a_handbook_keeps_pages_headings_tables_and_lists():
    content = read("handbook.pdf", paper.handbook())
    assert content.title == "Handbook"
    assert [(each.text, each.level, each.spot.page) for each in only(content, "heading")] == [
        (f"{name} {number}", level, number) for number in range(1, 5) for name, level in (("Chapter", 1), ("Prices", 2))
    ]
    assert [each.spot.page for each in only(content, "table")] == [1, 2, 3, 4]
    assert only(content, "table")[0].text == "Plan | Speed | Price\nFibre 250 | 250 | 39.9\nFibre 1000 | 1000 | 69.9"
    assert only(content, "table")[0].header == "Plan | Speed | Price"
    assert only(content, "list")[0].text == "• Check the plug."
    assert only(content, "paragraph")[0].text == (paper.SENTENCE * 3).strip()
    assert content.notes == ("left out as running lines: Ringfence Telecom handbook; page #",)


def test_columns_are_read_one_after_the_other():
    story = [paper.heading("Top", 1)] + [paper.paragraph(f"Nr{n} {paper.SENTENCE}") for n in range(40)]
    found = read("a.pdf", paper.printed(story, columns=2)).text
    assert [word for word in found.split() if word.startswith("Nr")] == [f"Nr{n}" for n in range(40)]


def test_a_table_without_lines_is_found():
    rows = [("Plan", "Speed", "Price"), ("Fibre 250", 250, 39.9), ("Fibre 1000", 1000, 69.9)]
    content = read("a.pdf", paper.printed([paper.paragraph(paper.SENTENCE * 2), paper.table(rows, ruled=False)]))
    assert only(content, "table")[0].text == "Plan | Speed | Price\nFibre 250 | 250 | 39.9\nFibre 1000 | 1000 | 69.9"


def test_pages_without_text_are_told():
    story = [paper.paragraph("One."), PageBreak(), paper.heading("", 1), PageBreak(), paper.paragraph("Three.")]
    content = read("a.pdf", paper.printed(story))
    assert [(each.text, each.spot.page) for each in content.blocks] == [("One.", 1), ("Three.", 3)]
    assert content.notes == ("page 2 is empty",)


def test_a_scan_that_is_not_recognised_is_told():
    assert refused("a.pdf", paper.scanned(["VLAN 300"]), Bounds(ocr_pages=0)) == "empty"


def test_what_cannot_be_opened_has_its_reason():
    assert refused("a.pdf", paper.printed([paper.paragraph("a")], password="x")) == "encrypted"
    assert refused("a.pdf", b"%PDF-1.7 and nothing more") == "damaged"
    assert refused("a.pdf", rawpdf.many_pages(4), Bounds(pages=3)) == "too_many_pages"
