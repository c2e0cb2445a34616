import pytest

from ingest.chunks import Measure
from ingest.chunks.atoms import BLOCK, LINE, PART, atoms
from ingest.content import Block, Kind, Spot
from tests.unit.ingest.chunks.ruler import Words


def cut(kind: Kind, text: str, size: int, header: str = "") -> list[tuple[str, int, int]]:
    block = Block(kind=kind, text=text, spot=Spot(row=10), header=header)
    found = list(atoms(text, block, 0, Measure(text, Words()), size))
    assert "".join(text[each.start : each.end] for each in found) == text
    return [(text[each.start : each.end].strip(), each.strength, each.spot.row) for each in found]


def test_what_fits_is_whole():
    assert cut("paragraph", "One. Two.", 10) == [("One. Two.", BLOCK, 10)]


@pytest.mark.parametrize(
    ("kind", "text", "parts"),
    [
        ("paragraph", "It is one. Is it two? No, three of it.", ["It is one.", "Is it two?", "No, three of it."]),
        ("paragraph", "Version 2.1 e.g. this one. Then that.", ["Version 2.1 e.g. this one.", "Then that."]),
        ("list", "- one of\n  more\n- two of them", ["- one of\n  more", "- two of them"]),
        ("code", "vlan 1\n name a\nvlan 2\n name b", ["vlan 1\n name a", "vlan 2\n name b"]),
        ("code", "a one\n b two\n\n c three\n d four", ["a one\n b two", "c three\n d four"]),
    ],
)
def test_what_does_not_fit_is_cut_where_it_is_made_to_be(kind: Kind, text: str, parts: list[str]):
    size = max(len(Words().tokens(part)) for part in parts)
    assert [said for said, _, _ in cut(kind, text, size)] == parts


def test_later_rows_of_a_table_know_its_header_and_their_line():
    text = "name | price\nFibre | 30\nCopper | 20\nMobile | 10"
    block = Block(kind="table", text=text, spot=Spot(sheet="A", row=4), header="name | price")
    found = list(atoms(text, block, 0, Measure(text, Words()), 7))
    assert [(each.header, each.spot.row) for each in found] == [("", 4), *(("name | price", row) for row in (5, 6, 7))]


def test_a_header_that_leaves_no_room_is_not_repeated():
    text = "a | b | c | d\n1 | 2 | 3 | 4"
    block = Block(kind="table", text=text, header="a | b | c | d")
    assert {each.header for each in atoms(text, block, 0, Measure(text, Words()), 8)} == {""}


def test_finer_cuts_are_weaker():
    found = cut("paragraph", "One two, three four, five six. Seven.", 4)
    assert found == [
        ("One two,", BLOCK, 10),
        ("three four,", LINE, 10),
        ("five six.", LINE, 10),
        ("Seven.", PART, 10),
    ]
