"""Pages as they are written in this folder: Markdown after a line of what the document is, and its questions below.

=== faq/wifi | de | title | 2026-03-01 | access=role:agent | labels=wifi,home
? What a customer asks => the exact words that answer ... to their end
?t, ?h: asked in the tuning, in the held half only
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.content import BETWEEN, Block, Content, Spot
from ingest.demo import Written
from ingest.passage import EVERYBODY, Document

PAGE = "=== "
ASKED = re.compile(r"\?([th]?) (.+?) => (.+)")
HEADING = re.compile(r"(#+) (.+)")
LIST = re.compile(r"- |\d+\. ")
RULE = re.compile(r"\|[-:| ]+\|")
FENCE = "```"
RANGE = " ... "


@dataclass(frozen=True)
class Asked:
    text: str
    answer: str
    """Exact words, or their first and last ones with ` ... ` between."""
    half: str = ""


@dataclass(frozen=True)
class Page:
    id: str
    language: str
    title: str
    date: str
    more: dict[str, str]
    lines: tuple[str, ...]
    asked: tuple[Asked, ...] = field(default=())

    @property
    def family(self) -> str:
        """Documents that say the same in other words, languages or versions are of one family, and of one half."""
        return self.more.get("family", self.id)

    def written(self) -> Written:
        access = tuple(self.more.get("access", EVERYBODY).split(","))
        labels = tuple(filter(None, self.more.get("labels", "").split(",")))
        document = Document(
            id=self.id.replace("/", "-"),
            collection=self.id.partition("/")[0],
            version=int(self.more.get("version", "1")),
            title=self.title,
            source="demo",
            language=self.language,
            labels=labels,
            modified=datetime.fromisoformat(self.date).replace(tzinfo=UTC),
            access=access,
        )
        content = Content(
            path=f"{self.id}.md", blocks=tuple(blocks(self.lines)), title=self.title, language=self.language
        )
        return Written(document, content)


def pages(text: str) -> Iterator[Page]:
    for part in re.split(rf"^{PAGE}", text, flags=re.MULTILINE)[1:]:
        head, *lines = part.rstrip().splitlines()
        identity, language, title, date, *more = (each.strip() for each in head.split(" | "))
        pairs = dict(each.split("=", 1) for each in more)
        asked = tuple(Asked(match[2], match[3], match[1]) for line in lines if (match := ASKED.fullmatch(line)))
        told = tuple(line for line in lines if not ASKED.fullmatch(line))
        yield Page(identity, language, title, date, pairs, told, asked)


def blocks(lines: tuple[str, ...]) -> Iterator[Block]:
    for number, part in _parts(lines):
        spot = Spot(row=number)
        if part[0].startswith(FENCE):
            yield Block(kind="code", text="\n".join(part[1:-1]), spot=spot)
        elif match := HEADING.fullmatch(part[0]):
            yield Block(kind="heading", text=match[2], level=len(match[1]), spot=spot)
        elif LIST.match(part[0]):
            yield Block(kind="list", text="\n".join(part), spot=spot)
        elif part[0].startswith("|"):
            rows = [" | ".join(cell.strip() for cell in row.strip()[1:-1].split("|")) for row in part]
            kept = [row for row, line in zip(rows, part, strict=True) if not RULE.fullmatch(line)]
            yield Block(kind="table", text="\n".join(kept), header=kept[0], spot=spot)
        else:
            yield Block(kind="paragraph", text=" ".join(part), spot=spot)


def _parts(lines: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Lines between blank ones; a fenced part is one, whatever is in it."""
    part, fenced = list[str](), False
    for number, line in enumerate([*lines, ""], 1):
        if line.startswith(FENCE):
            fenced = not fenced
        if line.strip() or fenced:
            part.append(line)
        elif part:
            yield number - len(part), part
            part = []


def place(content: Content, answer: str) -> tuple[int, int]:
    """Where the words stand; they must stand there once."""
    first, _, last = answer.partition(RANGE)
    text = content.text
    if text.count(first) != 1:
        raise ValueError(f"{content.path} has {text.count(first)} times: {first}")
    start = text.index(first)
    if not last:
        return start, start + len(first)
    end = text.index(last, start + len(first)) + len(last)
    if BETWEEN * 3 in text[start:end]:
        raise ValueError(f"{content.path}: {answer} spans too much")
    return start, end


def revised(page: Page, changes: dict[str, str]) -> Page:
    """The same page with other words in it, as an older or a copied version has."""
    text = "\n".join(page.lines)
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{page.id} does not say: {old}")
        text = text.replace(old, new)
    return replace(page, lines=tuple(text.splitlines()), asked=())
