"""PDFium: the only import of it. Pages as words and rules, or as pictures."""

import ctypes
import re
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from appliance.errors import Unreadable
from ingest.readers.words import Page, Rule, Word

WORD = re.compile(r"\S+")
BOLD_WEIGHT = 600
BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.I)
THIN = 3.0
"""Points: a filled rectangle this thin is a line."""
MOST_OBJECTS = 20_000
"""Of a page that are looked at for rules: a map has more, and no table."""
DOTS_PER_POINT = 200 / 72


class Document:
    """An open PDF."""

    def __init__(self, data: bytes) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
                raise Unreadable("encrypted", "The PDF is protected with a password. Save it without one.") from error
            raise Unreadable("damaged", "The PDF is damaged. Export it again.") from error

    def __len__(self) -> int:
        return len(self._pdf)

    def close(self) -> None:
        self._pdf.close()

    @property
    def title(self) -> str:
        return " ".join(self._pdf.get_metadata_value("Title").split())

    @property
    def language(self) -> str:
        size = raw.FPDFCatalog_GetLanguage(self._pdf.raw, None, 0)
        if size <= 2 or size > 200:
            return ""
        buffer = (ctypes.c_ushort * (size // 2))()
        raw.FPDFCatalog_GetLanguage(self._pdf.raw, buffer, size)
        return bytes(buffer).decode("utf-16-le", errors="replace").rstrip("\0").split("-")[0].lower()

    def page(self, number: int) -> "OpenPage":
        try:
            return OpenPage(self._pdf[number - 1], number)
        except pypdfium2.PdfiumError as error:
            raise Unreadable("damaged", f"Page {number} is damaged. Export the PDF again.") from error


class OpenPage:
    """One page, while it is open."""

    def __init__(self, page: pypdfium2.PdfPage, number: int) -> None:
        self._page = page
        self._number = number

    def close(self) -> None:
        self._page.close()

    def read(self) -> Page:
        rules = tuple(self._rules())
        return Page(self._number, tuple(self._words()), rules, self._page.get_height())

    def has_picture(self) -> bool:
        count = min(raw.FPDFPage_CountObjects(self._page.raw), MOST_OBJECTS)
        for place in range(count):
            kind = raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(self._page.raw, place))
            if kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
                return True
        return False

    def picture(self, pixels: int) -> bytes:
        """In grey, as PGM: a header and the pixels."""
        width, height = self._page.get_size()
        scale = min(DOTS_PER_POINT, (pixels / max(width * height, 1)) ** 0.5)
        bitmap = self._page.render(scale=scale, grayscale=True)
        try:
            stride, wide, high = bitmap.stride, bitmap.width, bitmap.height
            grey = bytes(bitmap.buffer)
        finally:
            bitmap.close()
        rows = grey if stride == wide else b"".join(grey[n * stride : n * stride + wide] for n in range(high))
        return b"P5\n%d %d\n255\n" % (wide, high) + rows

    def _words(self) -> Iterator[Word]:
        loaded = raw.FPDFText_LoadPage(self._page.raw)
        if not loaded:
            return
        try:
            text = _text(loaded)
            for line in re.finditer(r"[^\r\n]+", text):
                yield from _words(loaded, line[0], line.start())
        finally:
            raw.FPDFText_ClosePage(loaded)

    def _rules(self) -> Iterator[Rule]:
        page = self._page.raw
        count = raw.FPDFPage_CountObjects(page)
        for place in range(count if count <= MOST_OBJECTS else 0):
            drawn = raw.FPDFPage_GetObject(page, place)
            if raw.FPDFPageObj_GetType(drawn) == raw.FPDF_PAGEOBJ_PATH:
                yield from _path(drawn)


def _text(loaded: raw.FPDF_TEXTPAGE) -> str:
    """One character for each that PDFium counts, so that places in it are PDFium's."""
    count = raw.FPDFText_CountChars(loaded)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(loaded, 0, count, buffer)
    if written == count + 1:
        text = bytes(buffer).decode("utf-16-le", errors="replace")[:-1]
        if len(text) == count:
            return text
    return "".join(_letter(raw.FPDFText_GetUnicode(loaded, place)) for place in range(count))


def _letter(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "


def _words(loaded: raw.FPDF_TEXTPAGE, line: str, start: int) -> Iterator[Word]:
    """Of one line; size and weight are asked for once, where they are the same throughout."""
    x, y, left, right, low, high = (ctypes.c_double() for _ in range(6))
    styles: dict[float, tuple[float, bool]] = {}
    for found in WORD.finditer(line):
        first, last = start + found.start(), start + found.end() - 1
        raw.FPDFText_GetCharOrigin(loaded, first, x, y)
        raw.FPDFText_GetCharBox(loaded, last, left, right, low, high)
        nominal = raw.FPDFText_GetFontSize(loaded, first)
        if nominal not in styles:
            styles[nominal] = _style(loaded, first, nominal)
        size, bold = styles[nominal]
        if right.value > x.value:
            yield Word(found[0], x.value, right.value, y.value, size, bold)


def _style(loaded: raw.FPDF_TEXTPAGE, place: int, nominal: float) -> tuple[float, bool]:
    """How large letters are on the page: some programs write size 1 and enlarge it."""
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFText_GetMatrix(loaded, place, matrix):
        scale = abs(matrix.a * matrix.d - matrix.b * matrix.c) ** 0.5 or 1.0
    if raw.FPDFText_GetFontWeight(loaded, place) >= BOLD_WEIGHT:
        return nominal * scale, True
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(loaded, place, name, 128, flags)
    return nominal * scale, bool(BOLD.search(name.value.decode("utf-8", errors="replace")))


def _path(drawn: raw.FPDF_PAGEOBJECT) -> Iterator[Rule]:
    """Its straight lines along the page's edges; of a rectangle all four, or one when it is thin."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = None
    for place in range(min(raw.FPDFPath_CountSegments(drawn), MOST_OBJECTS)):
        segment = raw.FPDFPath_GetPathSegment(drawn, place)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == raw.FPDF_SEGMENT_LINETO and before:
            yield from _rule(before, here)
        if raw.FPDFPathSegment_GetClose(segment) and start:
            yield from _rule(here, start)
        before = here


def _rule(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Rule]:
    left, right = sorted((one[0], other[0]))
    bottom, top = sorted((one[1], other[1]))
    if min(right - left, top - bottom) < THIN and max(right - left, top - bottom) >= THIN:
        yield Rule(left, bottom, right, top)
