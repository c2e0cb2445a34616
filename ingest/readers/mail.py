"""A mail: its text with quotes and signature apart, and what is attached."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from itertools import groupby, islice

from appliance.errors import Unreadable
from ingest.content import Block, Content
from ingest.readers import html, prose
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece

FIELD = re.compile(
    r"^(From|To|Subject|Date|Message-ID|Received|MIME-Version|Return-Path|Delivered-To|Reply-To|Cc):", re.I
)
NEEDED = 3
BODIES = ("text/plain", "text/html")
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
    # Not the newer policy: it parses each address, and takes ten times as long.
    message = message_from_bytes(file.data, policy=policy.compat32)
    subject = _field(message, "Subject")
    parts = list(islice(_parts(message), bounds.members + 1))
    body = next((each for kind in BODIES for each in parts if _is_body(each, kind)), None)
    blocks = [Block(kind="heading", text=subject, level=1)] if subject else []
    if fields := "\n".join(f"{name}: {value}" for name in SHOWN if (value := _field(message, name))):
        blocks.append(Block(kind="paragraph", text=fields))
    if body is not None:
        blocks += _words(body, bounds)
    yield Content(path=file.path, blocks=tuple(blocks), title=subject)
    yield from _attachments(file, [each for each in parts if each is not body], bounds)


def split_quotes(text: str) -> Iterator[Block]:
    """The writer's own words first; under headings of their own what is quoted, what answers it, and the signature."""
    own, signature = _signed(text)
    plain: list[str] = []
    after_quote = False
    for is_quoted, lines in groupby(own.split("\n"), lambda line: line.startswith(">")):
        if not is_quoted:
            plain = list(lines)
            continue
        while plain and not plain[-1].strip():
            plain.pop()
        attribution = plain.pop().strip() if plain and ATTRIBUTION.match(plain[-1].strip()) else "Quoted"
        yield from _said(plain, after_quote)
        yield from _under(attribution, "\n".join(re.sub(r"^(?:>\s?)+", "", line) for line in lines))
        plain, after_quote = [], True
    yield from _said(plain, after_quote)
    yield from _under("Signature", signature)


def _signed(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line == SIGNATURE or (line == SIGNATURE.strip() and number > len(lines) - 12):
            rest = lines[number + 1 :]
            end = next((n for n, each in enumerate(rest) if each.startswith(">")), len(rest))
            return "\n".join(lines[:number] + rest[end:]), "\n".join(rest[:end]).strip("\n")
    return text, ""


def _said(lines: list[str], after_quote: bool) -> Iterator[Block]:
    text = "\n".join(lines)
    yield from _under("Reply", text) if after_quote else prose.blocks(text)


def _under(title: str, text: str) -> Iterator[Block]:
    if not text.strip():
        return
    yield Block(kind="heading", text=title, level=2)
    for block in prose.blocks(text):
        # What looks like a heading in a quote or a signature heads nothing.
        yield Block(kind="paragraph", text=block.text) if block.kind == "heading" else block


def _field(message: Message, name: str) -> str:
    try:
        value = str(make_header(decode_header(str(message.get(name, "")))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        value = str(message.get(name, ""))
    return " ".join(value.split())[:LONGEST_FIELD]


def _parts(message: Message) -> Iterator[Message]:
    """All that is in a mail; a mail in it counts as one part."""
    todo = [message]
    while todo:
        part = todo.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            todo += [each for each in reversed(inner) if isinstance(each, Message)]
        else:
            yield part


def _is_body(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and not _file_name(part) and part.get_content_disposition() != "attachment"


def _words(part: Message, bounds: Bounds) -> list[Block]:
    data = part.get_payload(decode=True)
    text = _text(data if isinstance(data, bytes) else b"", part.get_content_charset() or "")
    if part.get_content_type() == "text/html":
        return list(html.body_blocks(text, bounds))
    return list(split_quotes(text))


def _text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset).replace("\r\n", "\n") if charset else decode(data)
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _attachments(file: File, parts: list[Message], bounds: Bounds) -> Iterator[File]:
    if len(parts) >= bounds.members:
        raise Unreadable("bomb", f"The mail has more than {bounds.members} attachments. Leave it out.")
    for number, part in enumerate(parts, 1):
        if part.get_content_type() in BODIES and not _file_name(part):
            continue  # the same words in another dress
        if data := _bytes(part):
            yield file.inner(_name(part, number), data)


def _bytes(part: Message) -> bytes:
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list):
        return inner[0].as_bytes() if inner and isinstance(inner[0], Message) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: Message, number: int) -> str:
    name = _file_name(part).replace("\\", "/").rpartition("/")[2].strip()
    suffix = ".eml" if part.get_content_type() == "message/rfc822" else ""
    return name or f"attachment {number}{suffix}"


def _file_name(part: Message) -> str:
    try:
        return str(make_header(decode_header(part.get_filename() or "")))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return "attachment"
