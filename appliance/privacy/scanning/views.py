"""What a text also says: without its invisible characters, with its escapes and encodings undone, its lines joined.

Each view is the text with a few edits, cut down to what stands around them; plain text has none and costs a few
searches. A find in a view is mapped back to what must be masked in the text itself.
"""

import re
import unicodedata
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from urllib.parse import unquote

from msgspec import Struct

from appliance.errors import PrivacyUnavailable
from appliance.privacy.span import Span

Scan = Callable[[str], Iterable[Span]]

JOINED = frozenset({"EMAIL_ADDRESS", "MAC_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "PHONE_NUMBER"})
"""What is looked for across the end of a line."""
DEPTH = 2
"""Encodings inside of encodings that are undone."""
REACH = 120
"""Characters around an edit that belong to a view: an identifier, and the words that tell what it is."""
ROOM = 6
"""What all views of a text may hold together, in lengths of the text."""
SPARE = 4_000
"""And this on top, for short ones."""

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
INVISIBLE += "\U000e0000-\U000e007f\U000e0100-\U000e01ef"
MARKS = "\u0300-\u036f"
DASHES = "\u2010-\u2015\u2212"
HIDDEN = re.compile(f"[{INVISIBLE}{MARKS}]")
DASH = re.compile(f"[{DASHES}]")
MIXED = re.compile("[A-Za-z0-9]+[Ͱ-ԯ][A-Za-z0-9Ͱ-ԯ]*|[Ͱ-ԯ]+[A-Za-z0-9][A-Za-z0-9Ͱ-ԯ]*")
LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЈЅЗаеорсухіјѕһԁԛԝӏкмтΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονικρτυχγωεη",
    "ABEKMHOPCTYXIJS3aeopcyxijshdqwlkmtABEZHIKMNOPTYXaovikptuxywen",
)

ESCAPE = re.compile(
    r"%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+"
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-7][0-9A-Fa-f]"
    r"|&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|nbsp|commat|period|hyphen|colon|sol|shy|zwnj|zwj);"
)
SOFT_END = re.compile(r"(?<![A-Za-z0-9+/]{43})(?<!=)=\r?\n")  # and not the end of a key in base64
QUOTED = re.compile(r"=\r?\n|=[2-7][0-9A-F]|(?:=[89A-F][0-9A-F])+")
BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])"  # so that each run is looked at once
    r"(?:(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{1,76}={0,2}|[A-Za-z0-9+/_-]{16,}={0,2})"
)
PART = re.compile(r"[A-Za-z0-9+_-]{16,}={0,2}")
SHORTEST = 16
MIME_LINE = 60

LINE_END = re.compile(r"\n[> \t]{0,8}")
SENTENCE_END = re.compile(r"[a-zß-ÿ][.!?]")
"""What ends so goes on with no capital letter."""
LINE_TAIL = 64
HEX = frozenset("0123456789abcdefABCDEF")
# How a line ends inside of an address of a mailbox or a device, an account, a card or a telephone.
MAILBOX_TAIL = re.compile(r"@(?:[\w-]{0,60}\.?|(?P<whole>[\w.-]{1,60}\.)|[\w.-]{1,60}-)$")
DOTTED = re.compile(r"[\w-]{1,60}\.\w")
NUMBER_TAIL = re.compile(
    r"(?:\b[0-9A-Fa-f]{2}[:-]|\b[0-9A-Fa-f]{4}[.-]|[:-][0-9A-Fa-f]{2}"
    r"|\b[A-Z]{2}\d\d[A-Z0-9 ]{0,32}|\b[2-6]\d{3}[\d -]{0,20}|\+\d[\d ()-]{1,16})$"
)


Edit = tuple[int, int, str]
"""A start, an end, and what stands in place of what is between."""


class View(Struct, frozen=True):
    text: str
    starts: list[int]
    """Where each of its pieces starts here,"""
    origins: list[tuple[int, int]]
    """what it stands for,"""
    joined: bool = False
    """and whether only finds across an edit count."""

    def spans(self, found: Iterable[Span]) -> Iterator[Span]:
        for each in found:
            first = bisect_right(self.starts, each.start) - 1
            last = bisect_right(self.starts, each.end - 1) - 1
            if self.joined and (first == last or each.type not in JOINED):
                continue
            start, end = self._origin(first, each.start)[0], self._origin(last, each.end - 1)[1]
            yield Span(start, end, each.type, each.score, each.recognizer)

    def _origin(self, number: int, position: int) -> tuple[int, int]:
        start, end = self.origins[number]
        next_starts = self.starts[number + 1 : number + 2] or [len(self.text)]
        if next_starts[0] - self.starts[number] != end - start:
            return start, end
        offset = start + position - self.starts[number]
        return offset, offset + 1


def find_in_views(text: str, scan: Scan) -> list[Span]:
    """Only what the views show on top of the text; what is in the text itself, `scan(text)` finds."""
    return list(_found(text, scan, DEPTH, [ROOM * len(text) + SPARE]))


def views(text: str) -> Iterator[View]:
    """None for a text that says what it seems to say."""
    for edits in (_characters(text), _escapes(text), _quoted(text), _encoded(text)):
        if edits:
            yield _view(text, edits)
    broken = list(_broken(text))
    for glue in ("", " "):
        if edits := [(start, end, glue) for start, end, glues in broken if glue in glues]:
            yield _view(text, edits, joined=True)


def _found(text: str, scan: Scan, depth: int, room: list[int]) -> Iterator[Span]:
    for view in views(text):
        room[0] -= len(view.text)
        if room[0] < 0:
            raise PrivacyUnavailable("The text is encoded too often to check it. Send it as plain text.")
        yield from view.spans(scan(view.text))
        if depth > 1 and not view.joined:
            yield from view.spans(_found(view.text, scan, depth - 1, room))


def _characters(text: str) -> list[Edit]:
    if text.isascii():
        return []
    plain = {each: _plain(each) for each in set(text) if not each.isascii()}
    changed = {each for each, instead in plain.items() if instead != each}
    edits = {}
    if changed:
        edits = {at: plain[each] for at, each in enumerate(text) if each in changed}
    if any(ord(each) in LOOKALIKES for each in plain):
        for word in MIXED.finditer(text):
            edits |= enumerate(word[0].translate(LOOKALIKES), word.start())
    return [(at, at + 1, edits[at]) for at in sorted(edits) if edits[at] != text[at]]


def _plain(character: str) -> str:
    if HIDDEN.match(character):
        return ""
    if DASH.match(character):
        return "-"
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return unicodedata.normalize("NFKC", character)


def _escapes(text: str) -> list[Edit]:
    if "%" not in text and "\\" not in text and "&" not in text:
        return []
    return [(*match.span(), _unescaped(match[0])) for match in ESCAPE.finditer(text)]


def _unescaped(escape: str) -> str:
    if escape[0] == "%":
        return chr(int(escape[1:], 16)) if len(escape) == 3 else unquote(escape)
    return chr(int(escape[2:], 16)) if escape[0] == "\\" else unescape(escape)


def _quoted(text: str) -> list[Edit]:
    """Quoted-printable text is told by its soft line ends."""
    if not SOFT_END.search(text):
        return []
    return [(*match.span(), _unquoted(match[0])) for match in QUOTED.finditer(text)]


def _unquoted(quoted: str) -> str:
    return "" if quoted[1] in "\r\n" else unquote(quoted.replace("=", "%"))


def _encoded(text: str) -> list[Edit]:
    edits = []
    for match in _runs(text):
        if decoded := _decoded(match[0]):
            edits.append((*match.span(), decoded))
            continue
        # A slash is a digit of base64, and also what stands between the parts of a path.
        for part in PART.finditer(text, *match.span()):
            if decoded := _decoded(part[0]):
                edits.append((*part.span(), decoded))
    return edits


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Searched for in long words only, which most text has few of."""
    words = [each for each in text.split() if len(each) >= SHORTEST]
    if any(len(each) >= MIME_LINE for each in words):
        yield from BASE64.finditer(text)
        return
    at = 0
    for word in words:
        at = text.index(word, at)
        yield from BASE64.finditer(text, at, at + len(word))
        at += len(word)


def _decoded(run: str) -> str | None:
    packed = "".join(run.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
    except ValueError:
        return None
    return text if "".join(text.split()).isprintable() else None


def _broken(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Line ends inside of something, with what may have stood there."""
    begin = 0
    for match in LINE_END.finditer(text):
        start, end = match.span()
        line, begin = text[max(begin, start - LINE_TAIL) : start], end
        if end == len(text) or (text[end].isupper() and SENTENCE_END.match(line, max(0, len(line) - 2))):
            continue
        tail = line.rstrip(" \t\r")
        if tail and (glues := _glues(tail, text[end : end + LINE_TAIL])):
            yield text.rindex(tail[-1], 0, start) + 1, end, glues


def _glues(tail: str, following: str) -> tuple[str, ...]:
    """Cheap questions first: nearly every line of a configuration ends here."""
    last, head = tail[-1], following[0]
    if last == "\\" or head == "@":
        return ("",)
    if "@" in tail:
        mailbox = MAILBOX_TAIL.search(tail) if head.isalnum() else None
        # Behind a whole domain, the point ends a sentence, unless a domain follows.
        return ("",) if mailbox and (not mailbox["whole"] or DOTTED.match(following)) else ()
    if last in "-:.":
        return ("",) if head in HEX and NUMBER_TAIL.search(tail) else ()
    if last in HEX or last.isupper():
        return ("", " ") if (head.isdigit() or head.isupper() or head in ":-(") and NUMBER_TAIL.search(tail) else ()
    return ()


def _view(text: str, edits: Iterable[Edit], *, joined: bool = False) -> View:
    """The edits, and of the text between them what is near to one."""
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[tuple[int, int]] = []
    length = at = 0

    def put(start: int, end: int, piece: str) -> None:
        nonlocal length
        if piece:
            pieces.append(piece)
            starts.append(length)
            origins.append((start, end))
            length += len(piece)

    for start, end, piece in edits:
        near = at
        if start - at > 2 * REACH:
            near = max(at, _blank(text, start - REACH, -1))
            far = min(near, _blank(text, at + REACH, 1)) if starts else at
            put(at, far, text[at:far])
            put(far, near, "\n" if starts else "")
        put(near, start, text[near:start])
        put(start, end, piece)
        at = end
    far = _blank(text, at + REACH, 1)
    put(at, far, text[at:far])
    return View("".join(pieces), starts, origins, joined)


def _blank(text: str, near: int, step: int) -> int:
    """The next blank from there on, so that nothing is cut in two."""
    if near <= 0 or near >= len(text):
        return max(0, min(near, len(text)))
    for at in range(near, near + step * REACH, step):
        if not 0 < at < len(text) or text[at].isspace():
            return max(0, min(at, len(text)))
    return near
