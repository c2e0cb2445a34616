"""Looks for values in bytes, in whatever clothes they may go."""

import base64
import re
import unicodedata
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from tests.acceptance.recorder.values import squeezed

ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff]")
LEAST_SQUEEZED = 8
"""Shorter values without what stands between their letters would be found where they are not."""
PART = 7
DEPTH = 2


class Haystack:
    """A text, and each line of it that says something else when an escape or an encoding is taken off."""

    def __init__(self, raw: bytes, depth: int = DEPTH) -> None:
        text = raw.decode("utf-8", "replace")
        seen = new = set(text.splitlines())
        for _ in range(depth):
            new = {other for line in new for other in undone(line)} - seen
            seen = seen | new
        lines = [text, *seen.difference(text.splitlines())]
        self._text = "\0".join(lines).casefold()
        self._squeezed = "\0".join(map(squeezed, lines))

    def holds(self, value: str) -> bool:
        bare = squeezed(value)
        if len(bare) >= LEAST_SQUEEZED:
            return bare in self._squeezed
        return value.casefold() in self._text

    def holds_part(self, value: str) -> bool:
        """Whether as much of it is left as tells it from others."""
        bare = squeezed(value)
        return any(bare[at : at + PART] in self._squeezed for at in range(len(bare) - PART + 1))

    def found(self, values: Iterable[str]) -> list[str]:
        return [value for value in values if self.holds(value)]


def undone(text: str) -> Iterable[str]:
    """The text with one kind of escape or encoding taken off."""
    yield unquote(text)
    yield unescape(text)
    yield ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    yield text.replace("\\\\", "\\").replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\/", "/")
    yield INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    yield "\n".join(decoded for run in BASE64.findall(text) if (decoded := _decoded(run)))


def _decoded(run: str) -> str:
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except ValueError:
        return ""
