"""Values separated by commas, semicolons, tabs or bars."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from appliance.errors import Unreadable
from ingest.content import Content
from ingest.readers import prose
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.table import Row, sheet

DELIMITERS = "\t;,|"
LINES = 20
LONGEST_LINE = 20_000


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    text = decode(file.data)
    separator = delimiter(text)
    if not separator:
        yield Content(path=file.path, blocks=tuple(prose.blocks(text)))
        return
    try:
        blocks = tuple(sheet(_rows(text, separator), bounds))
    except csv.Error as error:
        raise Unreadable("too_large", "A cell has over 131,072 characters, or a quote never ends. Mend it.") from error
    yield Content(path=file.path, blocks=blocks)


def delimiter(text: str) -> str:
    """The one that nearly every line has equally often; empty: the text is no table."""
    lines = _unquoted(text)
    best, most = "", 0.0
    for each in DELIMITERS:
        counts = [line.count(each) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        alike = counts.count(usual) / len(counts) if counts else 0
        if usual and alike >= 0.7 and alike * min(usual, 8) > most:
            best, most = each, alike * min(usual, 8)
    return best


def is_table(text: str) -> bool:
    """Surely, though no name says so: prose has commas too."""
    separator = delimiter(text)
    lines = _unquoted(text)
    return bool(separator) and len(lines) > 2 and min(line.count(separator) for line in lines[:-1]) > 1


def _unquoted(text: str) -> list[str]:
    """The first lines, without what stands in quotes: it may hold delimiters."""
    head = text[: LINES * LONGEST_LINE]
    bare = "".join(head.split('"')[::2])
    return [line for line in bare.split("\n") if line.strip()][:LINES]


def _rows(text: str, separator: str) -> Iterable[tuple[int, Row]]:
    return enumerate(csv.reader(StringIO(text, newline=""), delimiter=separator), 1)
