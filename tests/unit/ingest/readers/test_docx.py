import re
import zipfile
from io import BytesIO

from tests.documents import archives, office
from tests.unit.ingest.readers.reading import read, refused, shape

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def changed_body(change) -> bytes:
    with zipfile.ZipFile(BytesIO(office.word())) as package:
        body = package.read("word/document.xml").decode()
    return archives.changed(office.word(), {"word/document.xml": change(body).encode()})


def test_headings_lists_and_tables_keep_their_order():
    content = read("handbuch.docx", office.word())
    assert (content.title, content.language) == ("Handbuch Entstörung", "de")
    assert [(each.kind, each.text, each.level) for each in content.blocks] == [
        ("heading", "Handbuch Entstörung", 1),
        ("heading", "Der Router blinkt rot", 1),
        ("paragraph", "Blinkt die Lampe rot, fehlt das Signal der Glasfaser.", 0),
        ("list", "- Stecker prüfen\n- Router neu starten", 0),
        ("heading", "Preise", 2),
        ("table", "Tarif | Mbit/s | EUR im Monat\nGlasfaser 250 | 250 | 39.9\nGlasfaser 1000 | 1000 | 69.9", 0),
        ("paragraph", "Gültig ab Mai.", 0),
    ]


def test_insertions_are_read_and_deletions_are_not():
    def revise(body: str) -> str:
        new = "<w:ins><w:r><w:t> Juni</w:t></w:r></w:ins><w:del><w:r><w:delText> April</w:delText></w:r></w:del></w:p>"
        return re.sub(r"(Gültig ab Mai\.</w:t></w:r>)</w:p>", rf"\1{new}", body)

    assert read("a.docx", changed_body(revise)).blocks[-1].text == "Gültig ab Mai. Juni"


def test_numbers_count_on_level_by_level():
    items = [(0, "one"), (1, "deep"), (1, "deeper"), (0, "two"), (1, "again")]
    paragraphs = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        for level, text in items
    )
    numbering = f"<w:numbering {SPACE}><w:abstractNum w:abstractNumId='3'>" + "".join(
        f"<w:lvl w:ilvl='{level}'><w:numFmt w:val='decimal'/></w:lvl>" for level in (0, 1)
    )
    numbering += "</w:abstractNum><w:num w:numId='7'><w:abstractNumId w:val='3'/></w:num></w:numbering>"
    body = f"<w:document {SPACE}><w:body>{paragraphs}</w:body></w:document>"
    data = archives.changed(
        office.word(), {"word/document.xml": body.encode(), "word/numbering.xml": numbering.encode()}
    )
    assert shape(read("a.docx", data)) == [("list", "1. one\n  1. deep\n  2. deeper\n2. two\n  1. again")]


def test_pictures_are_noted():
    data = archives.changed(office.word(), {"word/media/image1.png": b"x"})
    assert read("a.docx", data).notes == ("1 pictures in it were not read",)


def test_a_document_without_its_body_is_damaged():
    assert refused("a.docx", archives.changed(office.word(), {"word/document.xml": None})) == "damaged"
    assert refused("a.docx", archives.changed(office.word(), {"word/document.xml": b"<w:doc"})) == "damaged"
