"""Rows of cells -> blocks of text, one line a row."""

from collections.abc import Iterable, Iterator, Sequence

from appliance.errors import Unreadable
from ingest.content import Block, Spot
from ingest.readers.file import Bounds

BETWEEN_CELLS = " | "
Row = Sequence[str]


def table(rows: Iterable[Row], spot: Spot) -> Block | None:
    """A block of the rows that hold something, if any. The first is its header when it names columns."""
    lines = [(row, line) for row in rows if (line := _line(row))]
    if not lines:
        return None
    header = lines[0][1] if len(lines) > 1 and _names_columns(lines[0][0]) else ""
    return Block(kind="table", text="\n".join(line for _, line in lines), spot=spot, header=header)


def sheet(rows: Iterable[tuple[int, Row]], bounds: Bounds, name: str = "") -> Iterator[Block]:
    """The parts of a sheet between its empty rows: within a block each line is the row after the one before."""
    part: list[Row] = []
    first = after = cells = 0
    for number, row in rows:
        if len(row) > bounds.columns:
            raise Unreadable("too_large", f"Row {number} has more than {bounds.columns} columns. Split the table.")
        cells += len(row)
        if cells > bounds.cells:
            raise Unreadable("too_large", f"There are more than {bounds.cells} cells. Split the table.")
        if part and (number != after or not any(row)):
            yield from _part(part, Spot(sheet=name, row=first))
            part = []
        if any(row):
            if not part:
                first = number
            part.append([_bounded(each, number, bounds) for each in row])
            after = number + 1
    if part:
        yield from _part(part, Spot(sheet=name, row=first))


def _part(rows: list[Row], spot: Spot) -> Iterator[Block]:
    only = [each for each in rows[0] if each.strip()]
    if len(rows) == 1 and len(only) == 1:
        yield Block(kind="paragraph", text=_flat(only[0]), spot=spot)
    elif block := table(rows, spot):
        yield block


def _bounded(cell: str, row: int, bounds: Bounds) -> str:
    if len(cell) > bounds.cell:
        raise Unreadable(
            "too_large", f"A cell of row {row} has over {bounds.cell} characters. Move its text to a file."
        )
    return cell


def _line(row: Row) -> str:
    cells = [_flat(each) for each in row]
    while cells and not cells[-1]:
        cells.pop()
    return BETWEEN_CELLS.join(cells)


def _flat(cell: str) -> str:
    return " ".join(cell.split())


def _names_columns(row: Row) -> bool:
    """Words in two cells at least, and a number in none."""
    filled = [each for each in row if each.strip()]
    return len(filled) > 1 and not any(_is_number(each) for each in filled)


def _is_number(cell: str) -> bool:
    bare = cell.strip().strip("€$£%+- ").replace(".", "").replace(",", "").replace("'", "").replace(" ", "")
    return bare.isdigit()
