"""Files made to break a reader: each with the ways in which it may end. None is a crash, a hang or a leak."""

import pickle
import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tests.documents import archives, office, paper, post, rawpdf

READ = "read"
TEXT = b"The router has four ports."
RIGHT_TO_LEFT = "\u202e\u0646\u0627\u062f\u064a \u2067\u05e8\u05d0\u05d5\u05d8\u05e8\u2069 0800\u202c\n"
LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in zip("abcdefghi", "bcdefghij", strict=True)
)
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
WORDS = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


class Hostile(NamedTuple):
    name: str
    make: Callable[[], bytes]
    ends: frozenset[str]
    """As codes of `Unread`, or `read`."""


def case(name: str, make: Callable[[], bytes], *ends: str) -> Hostile:
    return Hostile(name, make, frozenset(ends))


def word(document: str, encoding: str = "utf-8") -> bytes:
    return archives.changed(office.word(), {"word/document.xml": document.encode(encoding)})


def sheet(rows: str) -> bytes:
    return archives.changed(office.workbook(), {"xl/worksheets/sheet1.xml": SHEET.format(rows).encode()})


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def laughing_yaml() -> bytes:
    lines = ["openapi: 3.1.0", "paths: {}", "a: &a [ha, ha]"]
    lines += [
        f"{one}: &{one} [{', '.join([f'*{other}'] * 10)}]" for other, one in zip("abcdefghi", "bcdefghij", strict=True)
    ]
    return "\n".join(lines).encode()


def merging_yaml() -> bytes:
    lines = ["openapi: 3.1.0", "paths: {}", "a: &a {x: 1}"]
    lines += [
        f"{one}: &{one} {{<<: [{', '.join([f'*{other}'] * 10)}]}}"
        for other, one in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return "\n".join(lines).encode()


ARCHIVES = (
    case("bomb.zip", lambda: archives.packed({"zeros.txt": b"\0" * (600 << 20)}), "bomb"),
    case("ratio.zip", lambda: archives.packed({f"{n}.txt": b"a" * (4 << 20) for n in range(10)}), "bomb"),
    case("nested.zip", lambda: archives.nested(8, archives.packed({"a.txt": TEXT})), "too_deep"),
    case(
        "forty-two.zip",
        lambda: archives.nested(3, archives.packed({"a.txt": b"a " * (1 << 19)}), copies=9),
        "bomb",
        READ,
    ),
    case("many.zip", lambda: archives.packed({f"{n}.txt": TEXT for n in range(20_001)}, stored=True), "bomb"),
    case("traversal.zip", lambda: archives.packed({"../../etc/cron.d/ring": TEXT, "C:\\..\\a.txt": TEXT}), READ),
    case("link.zip", lambda: archives.linked("/etc/passwd"), "unsafe", READ),
    case("password.zip", archives.with_password, "encrypted"),
    case("lying.zip", archives.lying, "damaged"),
    case("cut.zip", lambda: archives.packed({"a.txt": TEXT * 100})[:-30], "damaged"),
    case("not packed.gz", lambda: b"\x1f\x8b\x08" + bytes(range(256)), "unknown_format"),
)
PRINTED = (
    case("loop.pdf", rawpdf.looped, READ, "damaged", "empty"),
    case("10001 pages.pdf", lambda: rawpdf.many_pages(10_001), "too_many_pages"),
    case("password.pdf", lambda: paper.printed([paper.paragraph("secret")], password="open sesame"), "encrypted"),
    case("cut.pdf", lambda: paper.handbook()[:3000], "damaged", "empty", READ),
    case(
        "script.pdf",
        lambda: rawpdf.one_page(rawpdf.TEXT, catalogue=b"/OpenAction << /S /JavaScript /JS (app.alert('ring')) >>"),
        READ,
    ),
    case(
        "launch.pdf", lambda: rawpdf.one_page(rawpdf.TEXT, catalogue=b"/OpenAction << /S /Launch /F (/bin/sh) >>"), READ
    ),
    case("wide.pdf", lambda: rawpdf.one_page(rawpdf.TEXT, box=b"0 0 900000000 900000000"), READ),
    case(
        "bomb.pdf",
        lambda: rawpdf.one_page(b" " * (700 << 20), packed=True),
        *("out_of_memory", "crashed", "too_slow", "empty", "damaged"),
    ),
    case(
        "states.pdf", lambda: rawpdf.one_page(b"q " * 2_000_000 + rawpdf.TEXT, packed=True), READ, "too_slow", "empty"
    ),
    case("letters.pdf", lambda: rawpdf.one_page(b"BT /F 1 Tf " + b"1 0 Td (a b ) Tj " * 50_000 + b"ET"), "empty"),
    case(
        "word.pdf",
        lambda: rawpdf.one_page(
            b"BT /F 1 Tf 5 5 Td 14 TL " + b"(" + b"a" * 30_000 + b") Tj T* (b-) Tj T* (c) Tj " * 8 + b"ET"
        ),
        READ,
        "empty",
    ),
    case("nothing.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 100, "damaged"),
)
OFFICE = (
    case("laughs.docx", lambda: word(LAUGHS + "]>" + WORDS.format("<w:p><w:r><w:t>&j;</w:t></w:r></w:p>")), "unsafe"),
    case("outside.docx", lambda: word(OUTSIDE + WORDS.format("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")), "unsafe"),
    case(
        "wide outside.docx",
        lambda: word('<?xml version="1.0" encoding="utf-16"?>' + OUTSIDE + WORDS, "utf-16"),
        "unsafe",
    ),
    case(
        "hidden outside.docx",
        lambda: word('<?xml version="1.0" encoding="cp037"?>' + OUTSIDE + WORDS, "cp037"),
        "damaged",
    ),
    case("nested.docx", lambda: word(WORDS.format("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000)), "too_deep"),
    case("without.docx", lambda: archives.changed(office.word(), {"word/document.xml": None}), "damaged"),
    case("broken relation.docx", lambda: archives.changed(office.word(), {"_rels/.rels": b"<Relation"}), READ),
    case(
        "huge cell.xlsx",
        lambda: sheet(f'<row><c t="inlineStr"><is><t>{"ring " * 20_000}</t></is></c></row>'),
        "too_large",
    ),
    case(
        "million rows.xlsx",
        lambda: sheet("<row/>" * 1_000_000 + "<row><c><v>7</v></c></row>"),
        READ,
        "bomb",
        "too_slow",
    ),
    case("far cell.xlsx", lambda: sheet('<row r="9999999"><c r="ZZZ9999999"><v>7</v></c></row>'), "too_large"),
    case("wrong string.xlsx", lambda: sheet('<row><c t="s"><v>99999999999</v></c><c><v>7</v></c></row>'), READ),
    case("no slide.pptx", lambda: archives.changed(office.slides(), {"ppt/slides/slide1.xml": None}), READ),
    case("old.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "unknown_format"),
    case(
        "password.docx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
)
TEXTS = (
    case("columns.csv", lambda: b";".join([b"a"] * 1_000_000) + b"\n" + b";".join([b"b"] * 1_000_000), "too_large"),
    case("cells.csv", lambda: b"a;b;c;d;e;f;g;h\n" * 300_000, "too_large"),
    case("open quote.csv", lambda: b'a;b\nc;"' + b"d" * 1_000_000, "too_large", READ),
    case("nested.html", lambda: b"<html><body>" + b"<div>" * 100_000 + TEXT, "too_deep"),
    case("unclosed.html", lambda: b"<html><body>" + b"<b><i>" * 60_000 + TEXT, "too_deep"),
    case("crossed.html", lambda: b"<html><body>" + b"<b></i>" * 60_000 + TEXT, "too_deep"),
    case("paragraphs.html", lambda: b"<html><body>" + b"<p>" * 200_000 + TEXT, READ),
    case("page.pdf", lambda: b"<!doctype html><title>A</title><p>The router has four ports.</p>", READ),
    case("letter.txt", office.word, READ),
    case("zeros.txt", lambda: bytes(10_000), "unknown_format", "empty"),
    case("binary.txt", lambda: bytes(range(256)) * 40, "unknown_format"),
    case("some zeros.txt", lambda: TEXT * 100 + b"\0\0" + TEXT, READ),
    case("wide.txt", lambda: TEXT.decode().encode("utf-16-le"), READ),
    case("right to left.txt", lambda: RIGHT_TO_LEFT.encode() * 50, READ),
    case("nothing.txt", lambda: b"", "empty"),
    case("spaces.md", lambda: b" \n\t" * 5000, "empty"),
    case("quotes.md", lambda: b">" * 100_000 + TEXT, "empty"),
    case("brackets.md", lambda: b"# A\n" + b"[" * 50_000 + TEXT + b"](" * 50_000, READ, "too_slow"),
    case("stars.md", lambda: b"# A\n" + b"*a _b " * 30_000, READ, "too_slow"),
    case("prompts.txt", lambda: (b"a " * 40_000 + b"# show\n") * 5, READ),
    case("attribution.eml", lambda: post.mail(body="On " * 30_000 + "\n> a\n"), READ),
    case("numbers.txt", lambda: b"1.1" * 100_000 + b"\n\n" + b"1) " * 50_000, READ),
    case("hosts.cfg", lambda: b"interface a\nvlan 1\nrouter b\n" + b"hostname" * 50_000 + b" " * 100_000, READ),
    case("newlines.cfg", lambda: b"hostname a\nvlan 1\nrouter b\ninterface c\n" + b"\n" * 300_000 + b"x", READ),
    case("newlines.json", lambda: b"{" + b"\n \n" * 20_000 + b'"openapi' + b" " * 100_000, READ),
    case("bars.md", lambda: (b"|" * 3_000 + b"\n") * 20 + b"|-" * 20_000 + b"\n" * 20_000, READ),
    case("laughs.yaml", laughing_yaml, READ),
    case("merges.yaml", merging_yaml, READ, "out_of_memory", "too_slow"),
    case("deep.json", lambda: b'{"openapi": "3.1.0", "paths": ' + b"[" * 200_000, "damaged", "too_deep"),
    case("laughs.xml", (LAUGHS + "]><d>&j;</d>").encode, READ),
)
OTHERS = (
    case("huge.png", lambda: png(50_000, 50_000), "too_large"),
    case("lying.png", lambda: png(9_000, 9_000), "empty"),
    case("cut.jpg", lambda: paper.picture(["VLAN 300"], "JPEG")[:6000], "empty", READ),
    case("no head.jpg", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged"),
    case("mails.mbox", partial(post.mailbox, 10_000), READ),
    case("forwarded.eml", lambda: post.nested(30), "too_deep", READ),
    case("attached.eml", partial(post.attached, 20_001), "bomb", READ),
    case("list.csv", lambda: pickle.dumps({"a": [1, 2, 3]}), "executable"),
    case("manual.pdf", lambda: b"\x7fELF" + bytes(500), "executable"),
    case("setup.docx", lambda: b"MZ" + bytes(58) + b"\x80\0\0\0" + bytes(500), "executable"),
)
ALL = ARCHIVES + PRINTED + OFFICE + TEXTS + OTHERS
