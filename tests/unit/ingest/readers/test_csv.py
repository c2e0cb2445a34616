import pytest

from ingest.readers.csv import delimiter, is_table
from tests.unit.ingest.readers.reading import read, refused

GERMAN = "Tarif;Preis\r\nGlasfaser 250;39,90\r\nGlasfaser 1000;69,90\r\n"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_each_delimiter_is_found(separator):
    assert delimiter(GERMAN.replace(",", ".").replace(";", separator)) == separator


def test_decimal_commas_do_not_separate():
    assert delimiter(GERMAN) == ";"


def test_rows_are_counted_from_one_and_encodings_are_told():
    found = read("preise.csv", ("Preise für Köln\n\n" + GERMAN).encode("cp1252"))
    assert [(each.text, each.spot.row) for each in found.blocks] == [
        ("Preise für Köln", 1),
        ("Tarif | Preis\nGlasfaser 250 | 39,90\nGlasfaser 1000 | 69,90", 3),
    ]


def test_a_quoted_cell_holds_delimiters_and_lines():
    assert read("a.csv", 'a,b\n"x, y","1\n2"\n').blocks[0].text == "a | b\nx, y | 1 2"


def test_prose_is_no_table():
    assert not is_table("We came, we saw, we left.\nThen, later, all was well, at last.\nThe end.")
    assert read("a.csv", "Only words here").blocks[0].kind == "paragraph"


def test_a_quote_that_never_ends_is_refused():
    assert refused("a.csv", b'a;b\n1;2\n3;"' + b"x" * 200_000) == "too_large"
