from tests.documents import archives, office
from tests.unit.ingest.readers.reading import read


def test_slides_are_pages_with_tables_and_notes():
    content = read("netz.pptx", office.slides())
    assert content.title == "Network in 2031"
    assert [(each.kind, each.text, each.spot.page) for each in content.blocks] == [
        ("heading", "Network in 2031", 1),
        ("list", "- Two rings\n- One exchange", 1),
        ("heading", "Prices", 2),
        ("table", "Plan | Price\nFibre 250 | 39.90", 2),
        ("paragraph", "Say that prices hold until May.", 2),
    ]


def test_a_missing_slide_is_noted_and_the_others_are_read():
    content = read("a.pptx", archives.changed(office.slides(), {"ppt/slides/slide1.xml": None}))
    assert content.notes == ("slide 1 is missing in the file",)
    assert content.blocks[0].text == "Prices"
