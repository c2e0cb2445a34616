from ingest.readers.ruled import grids
from ingest.readers.words import Rule, Word


def frame(columns: list[float], heights: list[float]) -> list[Rule]:
    lying = [Rule(columns[0], y, columns[-1], y) for y in heights]
    return lying + [Rule(x, min(heights), x, max(heights)) for x in columns]


def word(text: str, left: float, base: float) -> Word:
    return Word(text, left, left + 20, base, 10, False)


def test_words_go_into_the_cells_between_rules():
    (grid,) = grids(frame([100, 200, 300], [700, 680, 660]))
    words = [word("Plan", 105, 685), word("Price", 205, 685), word("Fibre", 105, 665), word("250", 130, 665)]
    assert grid.cells(words) == [["Plan", "Price"], ["Fibre 250", ""]]
    assert grid.holds(words[0])
    assert not grid.holds(word("below", 105, 640))


def test_a_frame_and_lone_lines_are_no_table():
    assert grids(frame([100, 300], [700, 660])) == []
    assert grids([Rule(100, y, 300, y) for y in (700, 680, 660)]) == []


def test_two_tables_on_a_page_are_two():
    assert len(grids(frame([100, 200, 300], [700, 680, 660]) + frame([100, 200, 300], [500, 480, 460]))) == 2


def test_rules_drawn_in_pieces_are_one():
    pieces = [Rule(x, y, x + 100, y + 0.4) for x in (100, 200) for y in (700, 680, 660)]
    sides = [Rule(x, y, x, y + 20) for x in (100, 200, 300) for y in (660, 680)]
    (grid,) = grids(pieces + sides)
    assert (len(grid.columns), len(grid.heights)) == (3, 3)
