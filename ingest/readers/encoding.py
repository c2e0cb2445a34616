"""Bytes -> text, whatever they were written with."""

import codecs
import re
from collections import Counter
from itertools import pairwise

from appliance.errors import Unreadable

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 1 << 16
WIDE_SHARE = 0.3
"""Of one half of the bytes that are zero: Latin text in UTF-16 has nearly all, Cyrillic none."""

LETTERS = {
    # The letters beyond ASCII of each language, by the code pages in which it is written.
    "cp1252": ("äöüß", "éèêëàâçîïôûùœæ", "ñáéíóúü¿¡", "àèéìòù", "ãõáéíóúâêôçà", "æøåäöéü", "éëïóöüèê"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1251": ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгдежзийклмнопрстуфхцчшщьюяіїєґ"),
    "cp850": ("äöüß", "éèêëàâçîïôûù", "ñáéíóúü"),
}
SIGNS = "€–—‘’“”„•…«»§°©®™²³µ·´№ \xa0"  # noqa: RUF001

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
BROKEN = 0.01
"""Of the characters that may be control characters before a file is called binary."""


def decode(data: bytes) -> str:
    """The text with `\\n` at the end of its lines and without control characters."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return CONTROLS.sub("", text)


def is_text(data: bytes) -> bool:
    sample = data[:SAMPLE]
    if not sample:
        return False
    try:
        text = _decoded(sample)
    except Unreadable:
        return False
    return len(CONTROLS.findall(text)) <= len(text) * BROKEN


def _decoded(data: bytes) -> str:
    for bom, name in BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, errors="replace")
    if wide := _wide(data[:SAMPLE]):
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # a sample may end within a character
            return data[: error.start].decode("utf-8")
    return data.decode(code_page(data[:SAMPLE]), errors="replace")


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark at its start: every other byte of Latin text is zero."""
    half = len(sample) // 2
    if half == 0:
        return ""
    first, second = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if second >= WIDE_SHARE and first < second / 10:
        return "utf-16-le"
    if first >= WIDE_SHARE and second < first / 10:
        return "utf-16-be"
    return ""


def code_page(sample: bytes) -> str:
    """The single-byte encoding in which what is not ASCII makes the words of one language."""
    return min(LETTERS, key=lambda name: _odd(sample, name))


def _odd(sample: bytes, name: str) -> int:
    """Characters that the language which fits best does not have, or not there."""
    text = sample.decode(name, errors="replace")
    beyond = Counter(each for each in text if each > "\x7f" and each not in SIGNS)
    unusual = (sum(count for each, count in beyond.items() if each.lower() not in letters) for letters in LETTERS[name])
    # A capital in the middle of a word is what a wrong code page makes of a small letter.
    raised = sum(1 for before, each in pairwise(text) if each > "\x7f" and each.isupper() and before.islower())
    return min(unusual) + raised
