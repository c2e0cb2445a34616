"""Puts values back where an engine wrote their placeholders, as the text comes in.

An engine may split a placeholder anywhere, write it in small letters, without or with other brackets, escape its
underscores, or put a suffix to it. All of that is accepted, but nothing is guessed: only a digest that this request
issued, behind the type that it was issued for, is replaced.
"""
# ruff: noqa: RUF001  an engine may well write brackets and dashes that look like others

import re
from collections.abc import Iterator

import msgspec

from appliance.privacy.placeholder import Placeholders, Reach, Secret, folded

BRACKETS = (
    ("\\u003c", "\\u003e"), ("\\u003C", "\\u003E"), ("&lt;", "&gt;"), ("\\<", "\\>"), ("\\[", "\\]"), ("<", ">"),
    ("[", "]"), ("［", "］"), ("＜", "＞"), ("〈", "〉"),
    ("《", "》"), ("⟨", "⟩"), ("‹", "›"), ("«", "»"), ("【", "】"),
)  # fmt: skip
SEPARATORS = "_ \\-＿‑–"
# The longest placeholder, with brackets and room for escapes: no more is ever held back.
LONGEST = 128
LONGEST_GAP = 3

_DIGEST = re.compile(r"(?<=[_ \\\-＿‑–])[0-9A-Fa-f]{6,16}(?![0-9A-Fa-f])")
_ESCAPED = ("\\u003c", "\\u003C")
_WORD = re.compile(r"(?:(?<![^\W_])|(?<=\\u003[cC]))[^\W_]")
_SUFFIX = re.compile(r"(?:['’]?[A-Za-z]{1,3})? ?")
_TRANSLATED = re.compile(r"[^\W\d_][\w\\\-＿‑–]{0,48}\Z")
_GROWING = re.compile(r"[0-9a-f]{0,16}(?:['’]?[a-z]{0,3}(?:&|&g|&gt|u|u0|u00|u003)?)?\Z")
_FOLD = str.maketrans("", "", SEPARATORS)
_OPENINGS = tuple(opening for opening, _ in BRACKETS)
_SQUARE = ("[", "\\[", "［", "【")
_ANGLES = tuple(opening for opening in _OPENINGS if opening not in _SQUARE)
_PARTS = {opening[:length] for opening in _OPENINGS for length in range(1, len(opening) + 1)}
_BEGUN = tuple(sorted(_PARTS, key=len, reverse=True))


class Restorer:
    """One text that comes in pieces. What `feed` keeps back is at most the beginning of one placeholder."""

    def __init__(self, placeholders: Placeholders, reach: Reach = Reach.ANYWHERE, *, in_json: bool = False) -> None:
        self._placeholders = placeholders
        self._reach = reach
        self._in_json = in_json
        self._held = ""
        self._before = ""

    def feed(self, text: str) -> str:
        text = self._held + text
        cut = self._unfinished(text)
        self._held = text[cut:]
        return self._restored(text[:cut])

    def end(self) -> str:
        text, self._held = self._held, ""
        return self._restored(text)

    def whole(self, text: str) -> str:
        return self.feed(text) + self.end()

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where placeholders stand in a whole text."""
        for start, end, _, _ in self._found(text):
            yield start, end

    def _found(self, text: str) -> Iterator[tuple[int, int, str, Secret]]:
        """From where to where placeholders go, the suffixes within, and what they stand for."""
        done = 0
        for found in _DIGEST.finditer(text):
            secret = self._placeholders.get(found[0].upper())
            if secret is None or secret.reach < self._reach:
                continue
            place = self._place(text, found.start(), found.end(), secret)
            if place is not None and place[0] >= done:
                yield *place, secret
                done = place[1]

    def _restored(self, text: str) -> str:
        parts: list[str] = []
        done = 0
        for start, end, suffix, secret in self._found(text):
            parts += text[done:start], self._value(secret), suffix
            done = end
        if text:
            self._before = text[-1]
        return "".join((*parts, text[done:])) if parts else text

    def _value(self, secret: Secret) -> str:
        if not self._in_json:
            return secret.value
        return msgspec.json.encode(secret.value)[1:-1].decode()

    def _place(self, text: str, start: int, end: int, secret: Secret) -> tuple[int, int, str] | None:
        """From where to where the placeholder around a digest goes, and the suffix that it had within."""
        begin = self._start_of_type(text, start, folded(secret.kind))
        if begin is None:
            begin = _start_of_translation(text, start)
            bracketed = begin is not None and _bracketed(text, begin, end, _ANGLES)
            return bracketed or None
        return _bracketed(text, begin, end, _OPENINGS) or (begin, end, "")

    def _start_of_type(self, text: str, end: int, kind: str) -> int | None:
        at = end
        for letter in reversed(kind):
            for _ in range(LONGEST_GAP):
                if at and text[at - 1] in SEPARATORS:
                    at -= 1
            if not at or text[at - 1].lower() != letter:
                return None
            at -= 1
        before = text[at - 1] if at else self._before
        return None if before.isalnum() and not text.endswith(_ESCAPED, 0, at) else at

    def _unfinished(self, text: str) -> int:
        """Where a placeholder begins that the next piece may go on with; the end, if nowhere."""
        if not text:
            return 0
        bracket = _begun(text)
        for word in _WORD.finditer(text, max(0, len(text) - LONGEST)):
            at = word.start()
            if at == 0 and self._before.isalnum():
                continue
            if self._may_grow(text[at:]) or (text.endswith(_ANGLES, 0, at) and _TRANSLATED.match(text, at)):
                return min(_opened(text, at), bracket)
        return bracket

    def _may_grow(self, text: str) -> bool:
        text = text.translate(_FOLD).lower()
        known = self._placeholders
        if text in known.beginnings:
            return True
        return text.startswith(known.kinds) and any(
            text.startswith(kind) and _GROWING.match(text, len(kind)) for kind in known.kinds
        )


def _start_of_translation(text: str, end: int) -> int | None:
    found = _TRANSLATED.search(text, max(0, end - LONGEST // 2), end)
    return found.start() if found else None


def _begun(text: str) -> int:
    """Where a bracket begins of which the end of the text has the first part, or all."""
    end = len(text) - 1 if text.endswith(" ") else len(text)
    if not text.endswith(_BEGUN, 0, end):
        return len(text)
    return end - next(len(begun) for begun in _BEGUN if text.endswith(begun, 0, end))


def _opened(text: str, at: int) -> int:
    """Where the bracket begins that ends at `at`, or `at`."""
    end = at - 1 if text.endswith(" ", 0, at) else at
    if not text.endswith(_OPENINGS, 0, end):
        return at
    return end - max(len(opening) for opening in _OPENINGS if text.endswith(opening, 0, end))


def _bracketed(text: str, begin: int, end: int, openings: tuple[str, ...]) -> tuple[int, int, str] | None:
    """The same with a pair of brackets around it, if there is one."""
    inner = _SUFFIX.match(text, end)
    for before in (begin, begin - 1) if begin and text[begin - 1] == " " else (begin,):
        for opening, closing in BRACKETS:
            if opening in openings and text.endswith(opening, 0, before):
                for after in (end, inner.end() if inner else end):
                    if text.startswith(closing, after):
                        return before - len(opening), after + len(closing), text[end:after].rstrip(" ")
    return None
