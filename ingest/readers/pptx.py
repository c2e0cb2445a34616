"""PowerPoint presentations: slide by slide, with tables and the speaker's notes."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from appliance.errors import Unreadable
from ingest.content import Block, Content, Spot
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.package import Package, attribute, child, local
from ingest.readers.table import table

TITLES = ("title", "ctrTitle")
FURNITURE = ("dt", "ftr", "sldNum", "sldImg", "hdr")


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    package = Package(file.data, bounds)
    main = package.main("ppt/presentation.xml")
    relations = package.relations(main)
    slides = [attribute(each, "id") for each in _relation_ids(package.xml(main))]
    if len(slides) > bounds.pages:
        raise Unreadable("too_many_pages", f"There are more than {bounds.pages} slides. Split the presentation.")
    blocks: list[Block] = []
    notes: list[str] = []
    for number, relation in enumerate(slides, 1):
        _, part = relations.get(relation, ("", ""))
        if part not in package:
            notes.append(f"slide {number} is missing in the file")
            continue
        root = package.xml(part)
        if attribute(root, "show") == "0":
            notes.append(f"slide {number} is hidden and was left out")
            continue
        blocks += _slide(root, number)
        for kind, target in package.relations(part).values():
            if kind == "notesSlide" and target in package:
                blocks += _notes(package.xml(target), number)
    if pictures := len(package.names("ppt/media/")):
        notes.append(f"{pictures} pictures in it were not read")
    title = package.property("title") or next((each.text for each in blocks if each.kind == "heading"), "")
    yield Content(path=file.path, blocks=tuple(blocks), title=title, notes=tuple(notes))


def _relation_ids(root: Element) -> Iterator[Element]:
    for holder in root:
        if local(holder.tag) == "sldIdLst":
            for each in holder:
                # Two attributes are called id; the one in a namespace is the relation.
                named = [value for key, value in each.items() if key.startswith("{") and local(key) == "id"]
                yield Element("relation", {"id": named[0] if named else ""})


def _slide(root: Element, number: int) -> Iterator[Block]:
    spot = Spot(page=number)
    shapes = [each for each in root.iter() if local(each.tag) in ("sp", "tbl")]
    # The title may come last in the file; it stands first on the slide.
    shapes.sort(key=lambda each: _place(each) not in TITLES)
    for shape in shapes:
        if local(shape.tag) == "tbl":
            rows = [[_cell(cell) for cell in row if local(cell.tag) == "tc"] for row in shape if local(row.tag) == "tr"]
            if block := table(rows, spot):
                yield block
        elif _place(shape) not in FURNITURE:
            yield from _shape(shape, spot, is_title=_place(shape) in TITLES)


def _shape(shape: Element, spot: Spot, *, is_title: bool) -> Iterator[Block]:
    body = child(shape, "txBody")
    lines = [(each, _words(each)) for each in body if local(each.tag) == "p"] if body is not None else []
    lines = [(each, text) for each, text in lines if text.strip()]
    if not lines:
        return
    if is_title:
        yield Block(kind="heading", text=" ".join(" ".join(text.split()) for _, text in lines), spot=spot, level=1)
    elif len(lines) == 1:
        yield Block(kind="paragraph", text=lines[0][1].strip(), spot=spot)
    else:
        yield Block(kind="list", text="\n".join(f"{_indent(each)}- {text.strip()}" for each, text in lines), spot=spot)


def _notes(root: Element, number: int) -> Iterator[Block]:
    for shape in root.iter():
        if local(shape.tag) == "sp" and _place(shape) not in FURNITURE:
            body = child(shape, "txBody")
            text = "\n".join(_words(each) for each in body if local(each.tag) == "p") if body is not None else ""
            if text.strip():
                yield Block(kind="paragraph", text=text.strip(), spot=Spot(page=number))


def _place(shape: Element) -> str:
    """Which place of the layout a shape fills, such as `title`."""
    properties = next((each for each in shape if local(each.tag) == "nvSpPr"), None)
    for each in () if properties is None else properties.iter():
        if local(each.tag) == "ph":
            return attribute(each, "type") or "body"
    return ""


def _indent(paragraph: Element) -> str:
    properties = child(paragraph, "pPr")
    level = attribute(properties, "lvl") if properties is not None else ""
    return "  " * min(int(level), 8) if level.isdigit() else ""


def _words(paragraph: Element) -> str:
    parts = []
    for each in paragraph.iter():
        name = local(each.tag)
        if name == "t":
            parts.append(each.text or "")
        elif name == "br":
            parts.append("\n")
    return "".join(parts)


def _cell(cell: Element) -> str:
    return " ".join(_words(each) for each in cell.iter() if local(each.tag) == "p")
