"""Markdown, as CommonMark has it, with tables and front matter."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.content import Block, Content, Spot
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.table import table

if TYPE_CHECKING:
    from markdown_it.token import Token

FRONT = re.compile(r"\A---\n(.{0,8000}?)\n---\n", re.DOTALL)
DEEPEST = 100
"""Quotes in quotes, lists in lists: what lies deeper is lost, so it is far."""
TAG = re.compile(r"<[^<>]{0,2000}>")


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    from markdown_it import MarkdownIt

    text = decode(file.data)
    front = FRONT.match(text)
    facts = _facts(front[1]) if front else {}
    body = text[front.end() :] if front else text
    above = text[: front.end()].count("\n") if front else 0
    tokens = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable("table").parse(body)
    blocks = tuple(_blocks(tokens, above))
    title = facts.get("title") or next((each.text for each in blocks if each.kind == "heading"), "")
    language = facts.get("language") or facts.get("lang", "")
    yield Content(path=file.path, blocks=blocks, title=title, language=language)


def _facts(front: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in front.split("\n") if not line.startswith((" ", "#")))
    return {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}


def _blocks(tokens: "list[Token]", above: int) -> Iterator[Block]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        end = _closing(tokens, place)
        spot = Spot(row=(token.map[0] if token.map else 0) + above + 1)
        if block := _block(tokens[place : end + 1], spot):
            yield block
            place = end + 1
        else:  # what only encloses others: a quote
            place += 1


def _block(part: "list[Token]", spot: Spot) -> Block | None:
    first = part[0]
    match first.type:
        case "heading_open":
            return _filled(Block(kind="heading", text=_line(part[1]), spot=spot, level=int(first.tag[1])))
        case "paragraph_open":
            return _filled(Block(kind="paragraph", text=_inline(part[1]), spot=spot))
        case "fence" | "code_block":
            return _filled(Block(kind="code", text=first.content.rstrip("\n"), spot=spot))
        case "bullet_list_open" | "ordered_list_open":
            return _filled(Block(kind="list", text="\n".join(_items(part)), spot=spot))
        case "table_open":
            return table(_rows(part), spot)
        case "html_block":
            return _filled(Block(kind="paragraph", text=TAG.sub(" ", first.content).strip(), spot=spot))
    return None


def _filled(block: Block) -> Block | None:
    return block if block.text.strip() else None


def _closing(tokens: "list[Token]", place: int) -> int:
    """Where the token at `place` is closed; itself when it opens nothing."""
    if tokens[place].nesting != 1:
        return place
    level = tokens[place].level
    for end in range(place + 1, len(tokens)):
        if tokens[end].nesting == -1 and tokens[end].level == level:
            return end
    return len(tokens) - 1


def _items(part: "list[Token]") -> Iterator[str]:
    """A line for each paragraph in a list, indented as deep as it lies."""
    depth, mark = -1, ""
    numbers: list[int] = []
    for token in part:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
            numbers.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else 0)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
            numbers.pop()
        elif token.type == "list_item_open":
            mark = f"{numbers[-1]}. " if numbers[-1] else "- "
            numbers[-1] += 1 if numbers[-1] else 0
        elif token.type in ("inline", "fence", "code_block"):
            text = _inline(token) if token.type == "inline" else token.content.rstrip("\n")
            indent = "  " * depth
            yield indent + mark + text.replace("\n", f"\n{indent}  ")
            mark = "  "


def _rows(part: "list[Token]") -> Iterator[list[str]]:
    row: list[str] = []
    for token in part:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(_line(token))
        elif token.type == "tr_close":
            yield row


def _line(token: "Token") -> str:
    return " ".join(_inline(token).split())


def _inline(token: "Token") -> str:
    parts = []
    for each in token.children or ():
        if each.type in ("text", "code_inline"):
            parts.append(each.content)
        elif each.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif each.type == "image":
            parts.append(each.content)
    return "".join(parts)
