"""A mail: its text with quotes and signature apart, and what is attached."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message, MIMEPart

from appliance.errors import Unreadable
from ingest.content import Block, Content
from ingest.readers import html, prose
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece

FIELD = re.compile(
    r"^(From|To|Subject|Date|Message-ID|Received|MIME-Version|Return-Path|Delivered-To|Reply-To|Cc):", re.I
)
NEEDED = 3
SHOWN = ("From", "To", "Cc", "Date")
LONGEST_FIELD = 2000
SIGNATURE = "-- "
ATTRIBUTION = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Em|W dniu) .{4,200}"
    r"(?:wrote|schrieb.{0,80}|a écrit|escribió|ha scritto|schreef|escreveu|napisał.{0,3})\s?:\s*$|"
    r"-{3,} ?(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original) ?-{3,}\s*$",
    re.I,
)


def looks_like(text: str) -> bool:
    """Its first lines are the fields of a mail."""
    head = text[:4000].split("\n\n", 1)[0].split("\n")
    return bool(FIELD.match(head[0])) and sum(1 for line in head if FIELD.match(line)) >= NEEDED


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    message = message_from_bytes(file.data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    subject = _field(message, "Subject")
    blocks = [Block(kind="heading", text=subject, level=1)] if subject else []
    if fields := "\n".join(f"{name}: {value}" for name in SHOWN if (value := _field(message, name))):
        blocks.append(Block(kind="paragraph", text=fields))
    blocks += _body(message, bounds)
    yield Content(path=file.path, blocks=tuple(blocks), title=subject)
    yield from _attachments(file, message, bounds)


def split_quotes(text: str) -> Iterator[Block]:
    """The writer's own words first; under headings of their own what is quoted and the signature."""
    own, signature = _signed(text)
    plain: list[str] = []
    quoted: list[str] = []
    attribution = ""
    for line in own.split("\n"):
        if line.startswith(">"):
            if not quoted and plain and ATTRIBUTION.match(plain[-1].strip() or " "):
                attribution = plain.pop().strip()
            quoted.append(re.sub(r"^(?:>\s?)+", "", line))
        else:
            if quoted and line.strip():
                yield from _parts(plain, attribution, quoted)
                plain, quoted, attribution = [], [], ""
            if not quoted or line.strip():
                plain.append(line)
    yield from _parts(plain, attribution, quoted)
    if signature:
        yield from _under("Signature", signature)


def _signed(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line == SIGNATURE or (line == SIGNATURE.strip() and number > len(lines) - 12):
            rest = lines[number + 1 :]
            end = next((n for n, each in enumerate(rest) if each.startswith(">")), len(rest))
            return "\n".join(lines[:number] + rest[end:]), "\n".join(rest[:end]).strip("\n")
    return text, ""


def _parts(plain: list[str], attribution: str, quoted: list[str]) -> Iterator[Block]:
    yield from prose.blocks("\n".join(plain))
    if any(line.strip() for line in quoted):
        yield from _under(attribution or "Quoted", "\n".join(quoted))


def _under(title: str, text: str) -> Iterator[Block]:
    yield Block(kind="heading", text=title, level=2)
    for block in prose.blocks(text):
        # What looks like a heading in a quote or a signature heads nothing.
        yield Block(kind="paragraph", text=block.text) if block.kind == "heading" else block


def _field(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())[:LONGEST_FIELD]
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""  # what the standard library raises on fields that are none


def _body(message: EmailMessage, bounds: Bounds) -> list[Block]:
    part = message.get_body(("plain", "html"))
    if part is None:
        return []
    text = _text(part)
    if part.get_content_subtype() == "html":
        return list(html.body_blocks(text, bounds))
    return list(split_quotes(text))


def _text(part: MIMEPart) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    charset = part.get_content_charset() or ""
    try:
        return data.decode(charset).replace("\r\n", "\n")
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _attachments(file: File, message: EmailMessage, bounds: Bounds) -> Iterator[File]:
    body = message.get_body(("plain", "html"))
    number = 0
    for part in message.iter_attachments() if message.is_multipart() else ():
        number += 1
        if number > bounds.members:
            raise Unreadable("bomb", f"The mail has more than {bounds.members} attachments. Leave it out.")
        assert isinstance(part, EmailMessage)
        if part is body or (part.get_content_maintype() == "text" and not part.get_filename()):
            continue
        data = _bytes(part)
        if data:
            yield file.inner(_name(part, number), data)


def _bytes(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: EmailMessage, number: int) -> str:
    name = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2].strip()
    suffix = ".eml" if part.get_content_type() == "message/rfc822" else ""
    return name or f"attachment {number}{suffix}"
