import pytest

from appliance.errors import Unreadable
from ingest.content import Spot
from ingest.readers.file import Bounds
from ingest.readers.table import sheet, table


def numbered(*rows: list[str]) -> list[tuple[int, list[str]]]:
    return list(enumerate(rows, 1))


def test_a_row_is_a_line_and_the_first_names_the_columns():
    block = table([["Plan", "Price"], ["Fibre\n250", " 39 "], ["", ""]], Spot(page=3))
    assert (block.text, block.header, block.spot.page) == ("Plan | Price\nFibre 250 | 39", "Plan | Price", 3)


@pytest.mark.parametrize("first", [["Fibre", "39"], ["Fibre", "€ 1.039,00"], ["Fibre", ""]])
def test_a_row_with_a_number_or_one_word_is_no_header(first):
    assert table([first, ["a", "b"]], Spot()).header == ""


def test_each_line_of_a_part_is_the_row_after_the_one_before():
    rows = numbered(["Prices 2031"], [], ["a", "b"], ["1", "2"], ["", ""], ["c", "d"], ["3", "4"])
    found = [(each.kind, each.text, each.spot.row) for each in sheet(rows, Bounds(), "S")]
    assert found == [("paragraph", "Prices 2031", 1), ("table", "a | b\n1 | 2", 3), ("table", "c | d\n3 | 4", 6)]


def test_rows_that_are_not_there_end_a_part():
    found = list(sheet([(2, ["a", "b"]), (9, ["c", "d"])], Bounds(), "S"))
    assert [(each.spot.row, each.spot.sheet) for each in found] == [(2, "S"), (9, "S")]


@pytest.mark.parametrize(
    "bounds", [Bounds(columns=2), Bounds(cells=5), Bounds(cell=3)], ids=["columns", "cells", "cell"]
)
def test_a_table_has_its_bounds(bounds):
    with pytest.raises(Unreadable) as refused:
        list(sheet(numbered(["a", "b", "c"], ["d", "e", "long"]), bounds))
    assert refused.value.fault == "too_large"
