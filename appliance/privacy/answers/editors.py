"""Editors that keep leaks from the caller: of a text while it comes, and of JSON when it is whole.

A text is searched again and again as it grows, each time with what stands before, and told up to where nothing that
follows can change what was found. Where that is depends on the text alone, never on the pieces that it comes in.
"""

import re
from collections.abc import Sequence

from appliance.errors import PrivacyRefused, PrivacyUnavailable, TooLarge
from appliance.privacy.answers.leaks import Leaks
from appliance.privacy.answers.utterance import Editor
from appliance.privacy.fields import Origin, rewrite_json
from appliance.privacy.scanning.strays import LEAST_LETTERS
from appliance.privacy.span import Span

STEP = 48
"""Characters that a text grows by before it is searched again, or"""
STEPS = 16
"""a share of what is searched, so that each character is searched so many times, however much stands before."""
AHEAD = 64
"""Characters behind a place that may change what is found before it."""
LEAST_BEFORE = 256
"""Characters that stand before and are searched again; also those of a paragraph, whose first line may tell what the
others hold, up to"""
MOST_BEFORE = 4_000
"""here; after that, its first lines and its end."""
FIRST_LINES = re.compile(r"(?:[^\n]{0,200}\n){1,3}")
MOST_HELD = 8_192
MOST_JSON = 1 << 20
MOST_SEEN = 200
# Words end at a blank, and in some scripts behind every letter.
BOUNDARY = re.compile(r"[\s\u0e00-\u0eff\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def new_editor(leaks: Leaks, in_json: bool) -> Editor:
    return JsonEditor(leaks) if in_json else TextEditor(leaks)


class TextEditor:
    def __init__(self, leaks: Leaks) -> None:
        self._leaks = leaks
        self._text = ""
        """What stands before, and what is held."""
        self._told = 0
        self._read = 0
        """How much of it was told, and searched."""
        self._seen: dict[str, str] = {}
        self.stopped = False

    def feed(self, text: str) -> str:
        if self.stopped:
            return ""
        self._text += text
        told = []
        while (upto := self._next()) and not self.stopped:
            told.append(self._step(upto, AHEAD))
        return "".join(told)

    def end(self) -> str:
        if self.stopped or self._told == len(self._text):
            return ""
        return self._step(len(self._text), 0)

    def _next(self) -> int:
        """Up to where the text is to be searched now; 0, if it is too early."""
        found = BOUNDARY.search(self._text, self._read + max(STEP, self._read // STEPS))
        if (found.end() if found else len(self._text)) - self._told > MOST_HELD:
            raise PrivacyUnavailable(
                f"An answer has more than {MOST_HELD} characters without an end, and cannot be checked. Ask again."
            )
        return found.end() if found else 0

    def _step(self, upto: int, ahead: int) -> str:
        text = self._text[:upto]
        spans = self._leaks.find(text, seen=sorted(self._seen.items(), key=lambda seen: -len(seen[0])))
        until = self._safe(text, spans, upto - ahead) if ahead else upto
        told = self._edited(text, spans, until)
        self._told, self._read = until, upto
        self._forget()
        return told

    def _safe(self, text: str, spans: Sequence[Span], upto: int) -> int:
        """The last place from which on nothing that follows matters."""
        until = self._told
        for found in BOUNDARY.finditer(text, self._told, max(upto, self._told)):
            until = found.end()
        for span in spans:
            if span.start < until < span.end:
                return max(span.start, self._told)
        return until

    def _edited(self, text: str, spans: Sequence[Span], until: int) -> str:
        parts = list[str]()
        at = self._told
        for span in spans:
            if span.end <= at or span.start >= until:
                continue
            value = text[span.start : span.end]
            parts.append(text[at : span.start])
            if self._leaks.end_answers:
                self.stopped = True
            parts.append(self._leaks.tell(span.type, value))
            if self.stopped:
                return "".join(parts[:-1])
            self._see(value, span.type)
            at = span.end
        return "".join((*parts, text[at:until]))

    def _see(self, value: str, kind: str) -> None:
        if len(value) >= LEAST_LETTERS:
            self._seen[value] = kind
            if len(self._seen) > MOST_SEEN:
                del self._seen[next(iter(self._seen))]

    def _forget(self) -> None:
        """What stands so far before that it no longer tells anything."""
        told = self._text[: self._told]
        start = told.rfind("\n\n", 0, max(0, self._told - LEAST_BEFORE)) + 1
        before = told[start:]
        if len(before) > MOST_BEFORE:
            first = FIRST_LINES.match(before)
            cut = len(before) - MOST_BEFORE // 2
            line = before.find("\n", cut, cut + 200) + 1
            word = BOUNDARY.search(before, cut)
            before = (first[0] if first else "") + before[line or (word.end() if word else cut) :]
        gone = self._told - len(before)
        self._text = before + self._text[self._told :]
        self._told -= gone
        self._read -= gone


class JsonEditor:
    """Holds all of it: only whole JSON can be searched value by value, and stay JSON."""

    def __init__(self, leaks: Leaks) -> None:
        self._leaks = leaks
        self._pieces: list[str] = []
        self._size = 0
        self.stopped = False

    def feed(self, text: str) -> str:
        if not self.stopped:
            self._pieces.append(text)
            self._size += len(text)
            if self._size > MOST_JSON:
                raise PrivacyUnavailable("An answer holds too much JSON to be checked. Ask for less.")
        return ""

    def end(self) -> str:
        text, self._pieces, self._size = "".join(self._pieces), [], 0
        if not text:
            return ""
        try:
            edited = rewrite_json(text, self._edited)
        except (TooLarge, PrivacyRefused) as error:
            raise PrivacyUnavailable("The JSON of an answer is too deep to be checked. Ask for less.") from error
        return "" if self.stopped else edited

    def _edited(self, text: str, _: Origin, label: str) -> str:
        parts = list[str]()
        at = 0
        for span in self._leaks.find(text, label):
            if self._leaks.end_answers:
                self.stopped = True
            parts += text[at : span.start], self._leaks.tell(span.type, text[span.start : span.end])
            at = span.end
        return "".join((*parts, text[at:]))
