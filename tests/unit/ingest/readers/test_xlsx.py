from datetime import date, datetime, time
from io import BytesIO

import pytest
from openpyxl import Workbook

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


def test_formulas_without_a_value_are_noted():
    book = Workbook()
    book.active.append(["Sum", "=1+1"])
    target = BytesIO()
    book.save(target)
    assert read("a.xlsx", target.getvalue()).notes == (
        "1 formulas have no value: save the file in a spreadsheet program",
    )


@pytest.mark.parametrize(
    ("value", "shape", "shown"),
    [
        (datetime(2031, 5, 1, 14, 30), "yyyy-mm-dd hh:mm", "2031-05-01 14:30"),
        (time(14, 30), "hh:mm:ss", "14:30:00"),
        (date(2031, 5, 1), 'dd"."mm"."yyyy', "2031-05-01"),
        (0.075, "0.0%", "7.5%"),
        (39.9, '0.00" days"', "39.9"),
        (1e15, "General", "1e+15"),
        (True, "General", "TRUE"),
    ],
)
def test_values_are_told_by_the_shape_of_their_cells(value, shape, shown):
    book = Workbook()
    book.active.append(["Value", "x"])
    book.active.append([value, "y"])
    book.active["A2"].number_format = shape
    target = BytesIO()
    book.save(target)
    assert read("a.xlsx", target.getvalue()).blocks[1].text == f"Value | x\n{shown} | y"
