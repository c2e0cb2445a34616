from ingest.readers.pdfium import Document
from tests.documents import paper, rawpdf


def test_words_have_their_place_and_size_whatever_the_program_wrote():
    document = Document(rawpdf.one_page(b"BT /F 1 Tf 12 0 0 12 72 700 Tm (Four ports) Tj ET"))
    page = document.page(1)
    words = page.read().words
    page.close()
    document.close()
    assert [(each.text, round(each.size), round(each.base)) for each in words] == [
        ("Four", 12, 700),
        ("ports", 12, 700),
    ]
    assert round(words[0].left) in range(72, 75)


def test_drawn_lines_are_found_and_curves_are_not():
    drawing = (
        b"100 700 200 50 re S 1 0 0 1 10 0 cm 100 600 m 300 600 l S 100 500 m 150 550 200 550 250 500 c S "
        + rawpdf.TEXT
    )
    document = Document(rawpdf.one_page(drawing))
    page = document.page(1)
    rules = page.read().rules
    page.close()
    document.close()
    assert len(rules) == 5
    assert (110.0, 310.0) in {(each.left, each.right) for each in rules}


def test_a_page_becomes_a_picture_within_its_bound():
    document = Document(paper.scanned(["a"]))
    page = document.page(1)
    assert page.has_picture()
    kind, size, rest = page.picture(100_000).split(b"\n", 2)
    width, height = map(int, size.split())
    page.close()
    document.close()
    assert kind == b"P5"
    assert width * height < 110_000
    assert len(rest) == len(b"255\n") + width * height
