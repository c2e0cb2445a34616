"""Documents and questions with exact answers, as an operator writes them: JSON, one in a line.

{"_id": "fees", "title": "Fees", "text": "…"}                 or a document as a reader made it: {"document", "content"}
{"text": "What does a visit cost?", "answers": [[{"document": "fees", "quote": "69 EUR"}]]}
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from appliance.errors import InvalidRequest
from ingest.content import Block, Content
from ingest.evaluation.chunking import Asked, Span
from ingest.passage import Document

T = TypeVar("T")


class _Text(Struct):
    id: str = field(name="_id", default="")
    title: str = ""
    text: str = ""
    document: Document | None = None
    content: Content | None = None


class _Place(Struct):
    document: str
    quote: str = ""
    start: int | None = None
    end: int | None = None


class _Question(Struct):
    text: str
    answers: tuple[tuple[_Place, ...], ...]


def documents(lines: bytes) -> dict[str, Content]:
    """By id."""
    found: dict[str, Content] = {}
    for number, line in _lines(lines):
        given = _decoded(line, number, _Text, '{"_id": …, "title": …, "text": …}')
        name = given.document.id if given.document else given.id
        if not name or name in found:
            raise InvalidRequest(f"Line {number}: the document's id is empty or stands twice. Give each its own `_id`.")
        found[name] = given.content or _content(given)
    return found


def questions(lines: bytes, contents: Mapping[str, Content]) -> list[Asked]:
    """Those that have an answer."""
    shape = '{"text": …, "answers": [[{"document": …, "quote": …}]]}'
    found = list[Asked]()
    for number, line in _lines(lines):
        given = _decoded(line, number, _Question, shape)
        answers = tuple(tuple(_span(place, number, contents) for place in answer) for answer in given.answers if answer)
        if answers:
            found.append(Asked(given.text, answers))
    if not found:
        raise InvalidRequest(f"No question has an answer. Give some as {shape}.")
    return found


def _content(given: _Text) -> Content:
    parts = [part.strip() for part in re.split(r"\n\s*\n", given.text)]
    blocks = tuple(Block(kind="paragraph", text=part) for part in parts if part)
    return Content(path=given.id, blocks=blocks, title=given.title)


def _span(place: _Place, number: int, contents: Mapping[str, Content]) -> Span:
    if place.document not in contents:
        raise InvalidRequest(f"Line {number}: no document is called {place.document}. Name one of the documents.")
    text = contents[place.document].text
    if place.start is not None and place.end is not None and 0 <= place.start < place.end <= len(text):
        return Span(place.document, place.start, place.end)
    if not place.quote or text.count(place.quote) != 1:
        raise InvalidRequest(
            f"Line {number}: {place.document} has the quote {text.count(place.quote) if place.quote else 0} times: "
            f"{place.quote[:80]!r}. Quote words that stand there once."
        )
    start = text.index(place.quote)
    return Span(place.document, start, start + len(place.quote))


def _lines(lines: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(lines.splitlines(), 1) if line.strip())


def _decoded(line: bytes, number: int, kind: type[T], shape: str) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"Line {number} cannot be read: {error}. Give each as {shape}.") from error
