from tests.documents import archives, office
from tests.unit.ingest.readers.reading import read_all, refused


def test_each_file_is_a_document_and_one_that_is_broken_stops_no_other():
    files = {"preise/a.xlsx": office.workbook(), "b.docx": b"PK\x03\x04", "c.txt": "Störung".encode("cp1252")}
    found = read_all("alles.zip", archives.packed(files | {"__MACOSX/c.txt": b"x", "leer/": b""}))
    assert [(each.path, getattr(each, "code", "")) for each in found] == [
        ("alles.zip/preise/a.xlsx", ""),
        ("alles.zip/b.docx", "damaged"),
        ("alles.zip/c.txt", ""),
    ]
    assert found[2].blocks[0].text == "Störung"


def test_names_stay_inside_and_say_so():
    found = read_all("a.zip", archives.packed({"../../etc/passwd": b"one", "C:\\temp\\b.txt": b"two", "/c.txt": b"3"}))
    assert [each.path for each in found] == ["a.zip/etc/passwd", "a.zip/temp/b.txt", "a.zip/c.txt"]
    assert all("led elsewhere" in each.notes[0] for each in found)


def test_links_passwords_and_lies_are_named():
    assert [getattr(each, "code", "") for each in read_all("a.zip", archives.linked("/etc/passwd"))] == ["unsafe", ""]
    assert refused("a.zip", archives.with_password()) == "encrypted"
    assert refused("a.zip", archives.lying()) == "damaged"
