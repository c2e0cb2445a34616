import pytest

from ingest.readers.prose import blocks, heading_level

TEXT = """OUTAGES

Lines are watched day and night.
Nothing is logged by hand.

Steps
-----
1. look
2. ask

    show version
    reload

2.1 Planned work
"""


def test_paragraphs_lists_headings_and_code_are_told_apart():
    found = [(each.kind, each.text, each.spot.row, each.level) for each in blocks(TEXT)]
    assert found == [
        ("heading", "OUTAGES", 1, 1),
        ("paragraph", "Lines are watched day and night.\nNothing is logged by hand.", 3, 0),
        ("heading", "Steps", 6, 2),
        ("list", "1. look\n2. ask", 8, 0),
        ("code", "    show version\n    reload", 11, 0),
        ("heading", "2.1 Planned work", 14, 2),
    ]


@pytest.mark.parametrize("line", ["Ends with a stop.", "9 of 10 lines,", "ok", "x" * 90, "2031"])
def test_what_is_no_heading(line):
    assert heading_level(line) == 0


def test_a_dash_in_a_paragraph_makes_no_list():
    assert [each.kind for each in blocks("- alone\nand goes on\nand on")] == ["paragraph"]
