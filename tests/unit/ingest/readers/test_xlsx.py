from tests.documents import archives, office
from tests.unit.ingest.readers.reading import read, refused


def test_sheets_and_rows_are_named_and_values_are_as_shown():
    content = read("preise.xlsx", office.workbook())
    assert [(each.kind, each.text, each.spot.sheet, each.spot.row) for each in content.blocks] == [
        ("heading", "Preise", "Preise", 0),
        ("paragraph", "Preisliste 2031", "Preise", 1),
        (
            "table",
            "Tarif | Mbit/s | EUR im Monat\nGlasfaser 250 | 250 | 39.9\n"
            "Glasfaser 1000 | 1000 | 69.9 |  | 2031-05-01 | 19%",
            "Preise",
            3,
        ),
        ("heading", "Geräte", "Geräte", 0),
        ("table", "Gerät | Anschluss\nONT-4 | SC/APC", "Geräte", 1),
    ]
    assert content.blocks[2].header == "Tarif | Mbit/s | EUR im Monat"
    assert content.notes == ("the sheet Kalkulation is hidden and was left out",)


def test_a_sheet_that_is_missing_is_noted():
    content = read("a.xlsx", archives.changed(office.workbook(), {"xl/worksheets/sheet3.xml": None}))
    assert "the sheet Geräte is missing in the file" in content.notes


def test_a_damaged_sheet_is_refused():
    assert refused("a.xlsx", archives.changed(office.workbook(), {"xl/worksheets/sheet1.xml": b"<a><b>"})) == "damaged"
