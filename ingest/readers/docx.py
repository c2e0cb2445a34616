"""Word documents."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from appliance.errors import Unreadable
from ingest.content import Block, Content, Spot
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.package import Package, attribute, child, local
from ingest.readers.table import table

HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|nagłówek) ?([1-9])$", re.I)
TITLES = ("title", "titel")
LEFT_OUT = {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr"}
MONOSPACED = re.compile(r"code|preformatted|listing|macro|console", re.I)
DEEPEST = 64
"""Tables in tables, content controls in content controls."""


class Styles:
    """What a paragraph's style says that it is."""

    def __init__(self, root: Element | None) -> None:
        found = [each for each in root or () if local(each.tag) == "style"]
        self._names = {attribute(each, "styleId"): _value(child(each, "name")) for each in found}
        self._parents = {attribute(each, "styleId"): _value(child(each, "basedOn")) for each in found}

    def level(self, style: str) -> int:
        """Of a heading; 0: it is none."""
        for name in self._line(style):
            if named := HEADING.match(name):
                return int(named[1])
            if name.lower() in TITLES:
                return 1
        return 0

    def is_code(self, style: str) -> bool:
        return any(MONOSPACED.search(each) for each in self._line(style))

    def _line(self, style: str) -> Iterator[str]:
        """The style's name and those that it is based on."""
        for _ in range(20):
            if not style:
                return
            yield self._names.get(style) or style
            style = self._parents.get(style, "")


class Numbering:
    """The marks of lists, counted on from paragraph to paragraph."""

    def __init__(self, root: Element | None) -> None:
        formats: dict[str, dict[str, str]] = {}
        self._bullets: dict[tuple[str, str], bool] = {}
        for each in root or ():
            if local(each.tag) == "abstractNum":
                levels = [one for one in each if local(one.tag) == "lvl"]
                formats[attribute(each, "abstractNumId")] = {
                    attribute(one, "ilvl"): _value(child(one, "numFmt")) for one in levels
                }
            elif local(each.tag) == "num":
                shape = formats.get(_value(child(each, "abstractNumId")), {})
                for level, kind in shape.items():
                    self._bullets[attribute(each, "numId"), level] = kind in ("bullet", "none")
        self._counts: Counter[tuple[str, int]] = Counter()

    def mark(self, number: str, level: str) -> str:
        depth = int(level) if level.isdigit() else 0
        indent = "  " * min(depth, 8)
        if self._bullets.get((number, level), True):
            return f"{indent}- "
        self._counts[number, depth] += 1
        for deeper in [key for key in self._counts if key[0] == number and key[1] > depth]:
            del self._counts[deeper]
        return f"{indent}{self._counts[number, depth]}. "


class Story:
    """The body's paragraphs and tables as blocks."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self._styles = styles
        self._numbering = numbering

    def blocks(self, body: Element) -> Iterator[Block]:
        """Items and lines of code that follow each other make one block."""
        run: list[Block] = []
        for block in self._single(body, 0):
            if run and (block.kind != run[0].kind or block.kind not in ("list", "code")):
                yield _joined(run)
                run = []
            run.append(block)
        if run:
            yield _joined(run)

    def _single(self, parent: Element, depth: int) -> Iterator[Block]:
        if depth > DEEPEST:
            raise Unreadable("too_deep", f"Parts of the document lie over {DEEPEST} deep in each other. Simplify it.")
        for each in parent:
            match local(each.tag):
                case "p":
                    yield from self._paragraph(each)
                case "tbl":
                    if block := table(_rows(each), Spot()):
                        yield block
                case "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "txbxContent":
                    yield from self._single(each, depth + 1)

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text = words(paragraph).strip("\n")
        if not text.strip():
            return
        properties = child(paragraph, "pPr")
        style = _value(child(properties, "pStyle")) if properties is not None else ""
        listed = child(properties, "numPr") if properties is not None else None
        number, depth = (_value(child(listed, each)) for each in ("numId", "ilvl")) if listed is not None else ("", "")
        if level := self._level(style, properties):
            yield Block(kind="heading", text=" ".join(text.split()), level=level)
        elif number and number != "0":
            yield Block(kind="list", text=self._numbering.mark(number, depth) + text.strip())
        elif "list" in style.lower() and "number" not in style.lower():
            yield Block(kind="list", text=f"- {text.strip()}")
        elif self._styles.is_code(style):
            yield Block(kind="code", text=text)
        else:
            yield Block(kind="paragraph", text=text.strip())

    def _level(self, style: str, properties: Element | None) -> int:
        outline = child(properties, "outlineLvl") if properties is not None else None
        value = _value(outline)
        return int(value) + 1 if value.isdigit() and int(value) < 9 else self._styles.level(style)


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    package = Package(file.data, bounds)
    main = package.main("word/document.xml")
    folder = main.rpartition("/")[0]
    body = child(package.xml(main), "body")
    styles = package.optional(f"{folder}/styles.xml")
    story = Story(Styles(styles), Numbering(package.optional(f"{folder}/numbering.xml")))
    blocks = list(story.blocks(body)) if body is not None else []
    for part in ("footnotes.xml", "endnotes.xml"):
        notes = package.optional(f"{folder}/{part}")
        blocks += [block for each in notes or () for block in story.blocks(each)]
    title = package.property("title") or next((each.text for each in blocks if each.kind == "heading"), "")
    yield Content(
        path=file.path, blocks=tuple(blocks), title=title, language=_language(package, styles), notes=_pictures(package)
    )


def words(paragraph: Element) -> str:
    """The text that a reader sees: insertions are there, deletions are not."""
    parts: list[str] = []
    todo = list(reversed(paragraph))
    while todo:
        each = todo.pop()
        name = local(each.tag)
        if name in LEFT_OUT:
            continue
        if name == "t":
            parts.append(each.text or "")
        elif name == "tab":
            parts.append("\t")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        else:
            todo += reversed(each)
    return "".join(parts)


def _rows(element: Element) -> Iterator[list[str]]:
    for row in element:
        if local(row.tag) == "tr":
            cells = [each for each in row.iter() if local(each.tag) == "tc"]
            nested = {id(inner) for cell in cells for inner in cell.iter() if inner is not cell}
            yield [_cell(each) for each in cells if id(each) not in nested]


def _cell(cell: Element) -> str:
    return " ".join(words(each) for each in cell.iter() if local(each.tag) == "p")


def _joined(run: list[Block]) -> Block:
    return run[0] if len(run) == 1 else Block(kind=run[0].kind, text="\n".join(each.text for each in run))


def _value(element: Element | None) -> str:
    return "" if element is None else attribute(element, "val")


def _language(package: Package, styles: Element | None) -> str:
    named = package.property("language")
    if not named and styles is not None:
        named = next((attribute(each, "val") for each in styles.iter() if local(each.tag) == "lang"), "")
    return named.split("-")[0].lower()


def _pictures(package: Package) -> tuple[str, ...]:
    count = len([each for each in package.names("word/media/") if not each.endswith("/")])
    return (f"{count} pictures in it were not read",) if count else ()
