"""Which format a file has: its content decides, its name helps where the content leaves it open."""

import re
from pathlib import PurePosixPath
from typing import Literal

from appliance.errors import Unreadable
from ingest.readers import configuration, csv, mail, mbox, openapi
from ingest.readers.encoding import decode, is_text
from ingest.readers.file import File
from ingest.readers.package import flavour

Format = Literal[
    "pdf", "docx", "xlsx", "pptx", "html", "markdown", "text", "csv", "mail", "mbox", "zip", "image",
    "configuration", "openapi",
]  # fmt: skip

NAMES: dict[str, tuple[Format, ...]] = {
    ".pdf": ("pdf",),
    ".docx": ("docx",),
    ".xlsx": ("xlsx",),
    ".xlsm": ("xlsx",),
    ".pptx": ("pptx",),
    ".html": ("html",),
    ".htm": ("html",),
    ".md": ("markdown",),
    ".markdown": ("markdown",),
    ".txt": ("text", "markdown", "configuration", "csv", "mail"),
    ".csv": ("csv", "text"),
    ".tsv": ("csv", "text"),
    ".eml": ("mail",),
    ".mbox": ("mbox",),
    ".zip": ("zip",),
    ".png": ("image",),
    ".jpg": ("image",),
    ".jpeg": ("image",),
    ".tif": ("image",),
    ".tiff": ("image",),
    ".gif": ("image",),
    ".bmp": ("image",),
    ".webp": ("image",),
    ".cfg": ("configuration", "text"),
    ".conf": ("configuration", "text"),
    ".rsc": ("configuration", "text"),
    ".json": ("openapi", "text"),
    ".yaml": ("openapi", "text"),
    ".yml": ("openapi", "text"),
}

IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
PROGRAMS = (
    (b"\x7fELF", "a program for Linux"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\0asm", "a program"),
    (b"dex\n", "a program for Android"),
)
DOS_PROGRAM = re.compile(rb"MZ.{58}[\x40-\xff].{3}", re.DOTALL)
PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")

HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
FRAGMENT = re.compile(r"<(?:p|div|h[1-6]|table|ul|article)\b[^<>]{0,500}>", re.I)
MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|\|[ :|-]+\|\s*$|[*-] \[[ x]\] )", re.M)
HEAD = 1 << 16


def format_of(file: File) -> Format:
    """Raises `Unreadable` for what is never read."""
    data = file.data
    if not data.strip():
        raise Unreadable("empty", "The file is empty. Upload it again.")
    if data.startswith(ZIP):
        return flavour(data)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(IMAGES) or _is_bitmap(data):
        return "image"
    _refuse(data)
    if not is_text(data):
        raise Unreadable("unknown_format", "The file is in no format that is read here. Save it as PDF or text.")
    return _format_of_text(decode(data[:HEAD]), data, PurePosixPath(file.path).suffix.lower())


def misnamed(path: str, found: Format) -> str:
    """A note, when the name says something else than the content."""
    suffix = PurePosixPath(path).suffix.lower()
    if found in NAMES.get(suffix, (found,)):
        return ""
    return f"the name says {suffix}, but it is {found} and was read as that"


def _refuse(data: bytes) -> None:
    for magic, words in PROGRAMS:
        if data.startswith(magic):
            raise Unreadable("executable", f"This is {words}, not a document. Leave it out.")
    if DOS_PROGRAM.match(data):
        raise Unreadable("executable", "This is a program for Windows, not a document. Leave it out.")
    if data.startswith(PICKLES) and data.endswith(b"."):
        raise Unreadable("executable", "This is a Python pickle, which runs code when it is read. Export it as CSV.")
    if data.startswith(OLE):
        if ENCRYPTED_OFFICE in data:
            raise Unreadable("encrypted", "The file is protected with a password. Remove it and upload it again.")
        raise Unreadable(
            "unknown_format", "The file is of an Office older than 2007. Save it as .docx, .xlsx or .pptx."
        )
    if data.startswith(PACKED) or data[257:262] == b"ustar":
        raise Unreadable("unknown_format", "Of archives only ZIP is read. Unpack it, or pack it as ZIP.")


def _is_bitmap(data: bytes) -> bool:
    """WebP and BMP, whose first bytes alone say too little."""
    return (data.startswith(b"RIFF") and data[8:12] == b"WEBP") or (data.startswith(b"BM") and data[6:10] == bytes(4))


def _format_of_text(text: str, data: bytes, suffix: str) -> Format:
    if HTML.match(text):
        return "html"
    if mbox.looks_like(text):
        return "mbox"
    if mail.looks_like(text):
        return "mail"
    if openapi.looks_like(text, suffix):
        return "openapi"
    if suffix in (".md", ".markdown"):
        return "markdown"
    if suffix in (".csv", ".tsv") and csv.delimiter(text):
        return "csv"
    if configuration.looks_like(text):
        return "configuration"
    if suffix in (".html", ".htm") or len(FRAGMENT.findall(text[:4000])) >= 3:
        return "html" if FRAGMENT.search(text) else "text"
    if len(MARKDOWN.findall(text)) >= 2:
        return "markdown"
    return "csv" if csv.is_table(text) else "text"
