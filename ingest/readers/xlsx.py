"""Excel workbooks: every visible sheet, row by row, as values."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from appliance.errors import Unreadable
from ingest.content import Block, Content, Spot
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.package import Package, attribute, child, local
from ingest.readers.table import Row, sheet

CHUNK = 1 << 20
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
TIMES = {18, 19, 20, 21, 45, 46, 47}
PERCENT = {9, 10}
QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})$")
LONGEST_FORMAT = 255
LATEST = 2_958_465
"""The 31st of December 9999, as Excel counts days."""


class Workbook:
    """What cells refer to: strings, formats, the first day."""

    def __init__(self, package: Package, root: Element, bounds: Bounds) -> None:
        properties = child(root, "workbookPr")
        from_1904 = properties is not None and attribute(properties, "date1904") in ("1", "true")
        self._first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
        self._strings = _strings(package.optional("xl/sharedStrings.xml"))
        self._formats = _formats(package.optional("xl/styles.xml"))
        self._bounds = bounds
        self.without_value = 0
        """Formulas that nobody has computed."""

    def rows(self, text: str) -> Iterator[tuple[int, Row]]:
        number = 0
        for row in _elements(text, "row"):
            stated = attribute(row, "r")
            number = int(stated) if stated.isdigit() and len(stated) < 8 else number + 1
            yield number, self._cells(row)

    def _cells(self, row: Element) -> list[str]:
        values: list[str] = []
        for cell in row:
            if local(cell.tag) != "c":
                continue
            value = self._value(cell)
            column = _column(attribute(cell, "r")) or len(values) + 1
            if value:
                if column > self._bounds.columns:
                    raise Unreadable("too_large", f"There are more than {self._bounds.columns} columns. Split it.")
                values += [""] * (column - 1 - len(values))
                values[column - 1 :] = [value]
        return values

    def _value(self, cell: Element) -> str:
        kind = attribute(cell, "t")
        if kind == "inlineStr":
            inline = child(cell, "is")
            return "" if inline is None else _words(inline)
        stored = child(cell, "v")
        raw = (stored.text or "") if stored is not None else ""
        if not raw:
            self.without_value += child(cell, "f") is not None
            return ""
        if kind == "s":
            return self._strings[int(raw)] if raw.isdigit() and int(raw) < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        if kind in ("str", "e", "d"):
            return raw
        style = attribute(cell, "s")
        known = style.isdigit() and int(style) < len(self._formats)
        return self._number(raw, self._formats[int(style)] if known else "")

    def _number(self, raw: str, shape: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return raw
        if shape in ("date", "time", "both") and 0 <= number < LATEST:
            moment = self._first + timedelta(days=number)
            moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
            return moment.strftime({"date": "%Y-%m-%d", "time": "%H:%M:%S"}.get(shape, "%Y-%m-%d %H:%M"))
        if shape == "percent":
            return f"{number * 100:.10g}%"
        return f"{number:.15g}"


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    package = Package(file.data, bounds)
    main = package.main("xl/workbook.xml")
    root = package.xml(main)
    workbook = Workbook(package, root, bounds)
    relations = package.relations(main)
    blocks: list[Block] = []
    notes: list[str] = []
    for each in child(root, "sheets") or ():
        name = attribute(each, "name")
        _, part = relations.get(attribute(each, "id"), ("", ""))
        if attribute(each, "state") in ("hidden", "veryHidden"):
            notes.append(f"the sheet {name} is hidden and was left out")
        elif part not in package:
            notes.append(f"the sheet {name} is missing in the file")
        else:
            found = list(sheet(workbook.rows(package.text(part)), bounds, name))
            if found:
                blocks += [Block(kind="heading", text=name, spot=Spot(sheet=name), level=1), *found]
    if workbook.without_value:
        notes.append(f"{workbook.without_value} formulas have no value: save the file in a spreadsheet program")
    yield Content(path=file.path, blocks=tuple(blocks), title=package.property("title"), notes=tuple(notes))


def _elements(text: str, name: str) -> Iterator[Element]:
    """One after another; each is forgotten when the next is asked for: a sheet may not fit in memory."""
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    holder: Element | None = None
    try:
        for start in range(0, len(text), CHUNK):
            parser.feed(text[start : start + CHUNK])
            for event in parser.read_events():
                kind, element = cast("tuple[str, Element]", event)
                tag = local(element.tag)
                if kind == "start" and tag == "sheetData":
                    holder = element
                elif kind == "end" and tag == name:
                    yield element
                    if holder is not None:
                        holder.clear()
        parser.close()
    except ParseError as error:
        raise Unreadable("damaged", "A sheet is damaged. Open the file and save it again.") from error


def _strings(root: Element | None) -> list[str]:
    return [_words(each) for each in root or () if local(each.tag) == "si"]


def _words(element: Element) -> str:
    """Without the phonetic runs of Japanese."""
    direct = [each for each in element if local(each.tag) in ("t", "r")]
    return "".join(one.text or "" for each in direct for one in each.iter() if local(one.tag) == "t")


def _formats(root: Element | None) -> list[str]:
    """For each style of cells what its number is: `date`, `time`, `both`, `percent` or nothing of these."""
    own: dict[int, str] = {}
    shapes: list[str] = []
    for each in root or ():
        if local(each.tag) == "numFmts":
            own |= {int(attribute(one, "numFmtId") or 0): attribute(one, "formatCode") for one in each}
        elif local(each.tag) == "cellXfs":
            shapes = [_shape(int(attribute(one, "numFmtId") or 0), own) for one in each]
    return shapes


def _shape(number: int, own: dict[int, str]) -> str:
    if number not in own:
        if number in PERCENT:
            return "percent"
        return "time" if number in TIMES else "both" if number == 22 else "date" if number in DATES else ""
    code = QUOTED.sub("", own[number][:LONGEST_FORMAT]).lower().split(";")[0]
    has_day, has_hour = "y" in code or "d" in code, "h" in code or "s" in code
    if has_day or has_hour:
        return "both" if has_day and has_hour else "date" if has_day else "time"
    return "percent" if "%" in code else ""


def _column(reference: str) -> int:
    found = REFERENCE.match(reference)
    if not found:
        return 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column
