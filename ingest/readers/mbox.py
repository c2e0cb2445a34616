"""A mailbox: one mail after another, each begun by a line `From `."""

import re
from collections.abc import Iterator

from appliance.errors import Unreadable
from ingest.readers import mail
from ingest.readers.file import Bounds, File, Piece

BEGIN = re.compile(rb"^From [^\r\n]{0,400}\r?\n", re.MULTILINE)
FIRST = re.compile(r"From \S{0,400} .{0,200}\d{4}")


def looks_like(text: str) -> bool:
    first, _, rest = text.partition("\n")
    return bool(FIRST.match(first)) and mail.looks_like(rest.lstrip(">"))


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    marks = [each for each in BEGIN.finditer(file.data) if _begins(file.data, each.start())]
    if len(marks) > bounds.members:
        raise Unreadable("bomb", f"The mailbox has more than {bounds.members} mails. Split it.")
    ends = [each.start() for each in marks[1:]] + [len(file.data)]
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True), 1):
        data = file.data[mark.end() : end].replace(b"\n>From ", b"\nFrom ")
        yield file.inner(f"{number:05}.eml", data)


def _begins(data: bytes, start: int) -> bool:
    """At the start or after an empty line: a sentence may begin with From."""
    return start == 0 or data[max(0, start - 2) : start] == b"\n\n" or data[max(0, start - 4) : start] == b"\r\n\r\n"
