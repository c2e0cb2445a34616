"""Names that are introduced, as in `Frau Keller` or `nazywam się Jan Kowalski`.

Outside of English the model is unsure of them."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from appliance.privacy.people.namelabels import Said

WORD = re.compile(r"[^\W\d_]+")
BEFORE = re.compile(r"[ \t]?[.,:]?[ \t]{0,4}|,?\s{1,6}")
BETWEEN = re.compile(r"[ '\u2019-]|\.[ ]")
PARTICLES = frozenset(
    {"da", "de", "den", "der", "di", "do", "dos", "du", "el", "al", "la", "le", "van", "von", "zu", "y"}
)
MOST_WORDS = 4
SURE = 0.8


class Introductions:
    """`phrases`, in small letters, stand before a name; words that are `is_plain` are none."""

    def __init__(self, phrases: frozenset[tuple[str, ...]], is_plain: Callable[[str], bool]) -> None:
        self._phrases = phrases
        self._lasts = frozenset(phrase[-1] for phrase in phrases)
        self._longest = max(map(len, phrases), default=0)
        self._is_plain = is_plain

    def names(self, text: str) -> Iterator[Said]:
        words = list(WORD.finditer(text))
        read = [word[0].lower() for word in words]
        at = 1
        while at < len(words):
            name = list[re.Match[str]]()
            if read[at - 1] in self._lasts and self._is_introduced(text, words, read, at):
                name = self._name(text, words, at)
            for word in name:
                yield Said(word.start(), word.end(), "GIVEN_NAME", SURE)
            at += len(name) or 1

    def _is_introduced(self, text: str, words: list[re.Match[str]], read: list[str], at: int) -> bool:
        if not BEFORE.fullmatch(text, words[at - 1].end(), words[at].start()):
            return False
        sizes = range(1, min(self._longest, at) + 1)
        return any(tuple(read[at - size : at]) in self._phrases for size in sizes)

    def _name(self, text: str, words: list[re.Match[str]], at: int) -> list[re.Match[str]]:
        """Words with a capital, and what links them."""
        name, kept = list[re.Match[str]](), 0
        for word in islice(words, at, at + MOST_WORDS):
            if name and not BETWEEN.fullmatch(text, name[-1].end(), word.start()):
                break
            is_name = word[0][0].isupper() and len(word[0]) > 1 and not self._is_plain(word[0])
            if not is_name and not (name and word[0] in PARTICLES):
                break
            name.append(word)
            kept = len(name) if is_name else kept
        return name[:kept]
