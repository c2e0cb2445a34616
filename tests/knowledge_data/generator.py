"""Makes the documents and the questions; the same every time."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from msgspec import Struct

from ingest.content import Content
from ingest.demo import Written
from tests.knowledge_data.markup import Asked, Page, pages, place, revised
from tests.knowledge_data.series import series

HERE = Path(__file__).parent
Half = Literal["tuning", "held"]


class Span(Struct, frozen=True):
    document: str
    start: int
    end: int
    quote: str


class Question(Struct, frozen=True):
    id: str
    text: str
    language: str
    half: Half
    answers: tuple[tuple[Span, ...], ...]
    """Each must be found to answer wholly, in any one of its places. None: the documents do not say."""


def half(family: str) -> Half:
    return "tuning" if sha256(family.encode()).digest()[0] % 2 else "held"


@cache
def library() -> tuple[Page, ...]:
    made = [page for file in sorted((HERE / "pages").glob("*.md")) for page in pages(file.read_text(encoding="utf-8"))]
    made += [page for text in series() for page in pages(text)]
    by_id = {page.id: page for page in made}
    for copy in tomllib.loads((HERE / "rows" / "copies.toml").read_text(encoding="utf-8"))["copy"]:
        of = by_id[copy["of"]]
        more = of.more | {"family": of.family, "version": copy.get("version", "1"), "copy_of": of.id}
        page = revised(of, dict(copy["changes"]))
        made.append(replace(page, id=copy["as"], title=copy["title"], date=copy["date"], more=more))
    twice = [name for name, count in Counter(page.id for page in made).items() if count > 1]
    if twice:
        raise ValueError(f"these documents stand twice: {twice}")
    return tuple(sorted(made, key=lambda page: page.id))


def documents() -> Iterator[Written]:
    for page in library():
        yield page.written()


def questions() -> Iterator[Question]:
    contents = {page.id: (page, page.written().content) for page in library()}
    for page, content in contents.values():
        side = half(page.family)
        copies = [one for other, one in contents.values() if other.more.get("copy_of") == page.id]
        for number, asked in enumerate(page.asked):
            if asked.half and asked.half != side[0]:
                continue
            places = [content, *(one for one in copies if _says(one, asked))]
            alternatives = tuple(_span(one, asked.answer) for one in places)
            yield Question(f"{page.id}#{number}", asked.text, page.language, side, (alternatives,))
    yield from _across(contents)


def _says(content: Content, asked: Asked) -> bool:
    try:
        place(content, asked.answer)
    except ValueError:
        return False
    return True


def _span(content: Content, answer: str) -> Span:
    start, end = place(content, answer)
    return Span(document_id(content.path.removesuffix(".md")), start, end, content.text[start:end])


def document_id(page: str) -> str:
    return page.replace("/", "-")


def _across(contents: Mapping[str, tuple[Page, Content]]) -> Iterator[Question]:
    """Questions that several documents answer together, or none: `de | words => document :: quote && ...`."""
    for number, line in enumerate((HERE / "pages" / "across.txt").read_text(encoding="utf-8").splitlines()):
        if not line or line.startswith("#"):
            continue
        language, _, rest = line.partition(" | ")
        text, _, told = rest.partition(" => ")
        parts = [part.split(" :: ", 1) for part in told.split(" && ")] if told != "nothing" else []
        spans = tuple((_span(contents[name][1], quote),) for name, quote in parts)
        # What touches a held document is held, so that tuning never sees one.
        sides = {half(contents[name][0].family) for name, _ in parts} or {half(text)}
        side: Half = "held" if "held" in sides else "tuning"
        yield Question(f"across#{number}", text, language, side, spans)
