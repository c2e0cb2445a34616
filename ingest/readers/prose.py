"""Plain text -> paragraphs, lists, headings and code, by how its lines look."""

import re
from collections.abc import Iterator

from ingest.content import Block, Spot

BULLET = re.compile(r"\s*(?:[-*+•◦▪‣–·]|\(?\d{1,3}[.)]|[a-z]\))\s+\S")  # noqa: RUF001
UNDERLINE = re.compile(r"(=|-|~|\*)\1{2,}\s*$")
NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S")
HEADING_LENGTH = 80
ENDS_SENTENCE = (".", ",", ";", ":", "!", "?")


def blocks(text: str, row: int = 1) -> Iterator[Block]:
    """What stands between empty lines, each with the number of its first line."""
    for first, group in _groups(text, row):
        number, lines = first, group
        if len(lines) > 1 and UNDERLINE.match(lines[1]) and lines[0].strip():
            yield _heading(lines[0], number, 1 if lines[1].startswith("=") else 2)
            number, lines = number + 2, lines[2:]
        if lines:
            yield _block(lines, number)


def is_list(lines: list[str]) -> bool:
    """Its first line begins an item, and so do others, or they go on with one."""
    if not BULLET.match(lines[0]):
        return False
    items = sum(1 for each in lines if BULLET.match(each))
    return items > 1 or len(lines) == 1


def _groups(text: str, row: int) -> Iterator[tuple[int, list[str]]]:
    group: list[str] = []
    for number, line in enumerate(text.split("\n"), row):
        if line.strip():
            group.append(line.rstrip())
        elif group:
            yield number - len(group), group
            group = []
    if group:
        yield number - len(group) + 1, group


def _block(lines: list[str], number: int) -> Block:
    text = "\n".join(lines)
    spot = Spot(row=number)
    if len(lines) == 1 and (level := heading_level(text.strip())):
        return _heading(text, number, level)
    if all(each.startswith(("    ", "\t")) for each in lines):
        return Block(kind="code", text=text, spot=spot)
    return Block(kind="list" if is_list(lines) else "paragraph", text=text, spot=spot)


def heading_level(line: str) -> int:
    """Of a line on its own: numbered, or in capitals. 0: it is no heading."""
    if len(line) > HEADING_LENGTH or line.endswith(ENDS_SENTENCE):
        return 0
    if numbered := NUMBERED.match(line):
        return numbered[1].count(".") + 1
    letters = [each for each in line if each.isalpha()]
    return 1 if len(letters) > 3 and line.upper() == line and line.lower() != line else 0


def _heading(line: str, number: int, level: int) -> Block:
    return Block(kind="heading", text=line.strip(), spot=Spot(row=number), level=level)
