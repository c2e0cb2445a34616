"""Text into the pieces of words that a BERT knows, each with its place in the text as it was given."""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

Form = Literal["NFD", "NFKD"]

LONGEST_WORD = 100
ASCII_WORD = re.compile(rf"[a-z0-9]+|[{re.escape(string.punctuation)}]")
SPACED_WORD = re.compile(r"\S+")
CJK = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


class Word(Struct, frozen=True):
    """`text[start:end]`, whose pieces are `pieces`."""

    start: int
    end: int
    pieces: tuple[int, ...]


class WordPiece:
    """Lower-cases, drops accents, splits at spaces and punctuation, then takes the longest known pieces."""

    def __init__(self, vocabulary: Sequence[str], form: Form = "NFKD") -> None:
        """`form`: how the model was taught to read characters with marks, and compatibility forms."""
        self._form: Form = form
        self._ids: Mapping[str, int] = {piece: index for index, piece in enumerate(vocabulary)}
        self._longest = max(map(len, vocabulary))
        self.begin, self.end, self._unknown = (self._ids[name] for name in ("[CLS]", "[SEP]", "[UNK]"))

    def words(self, text: str) -> list[Word]:
        if text.isascii():
            found = ASCII_WORD.finditer(text.lower())
            return [Word(match.start(), match.end(), self._pieces(match[0])) for match in found]
        plain, places = _normalised(text, self._form)
        places.append(len(text))
        found = SPACED_WORD.finditer(plain)
        # A mark that was dropped belongs to the letter before it.
        ends = ((match, max(places[match.end() - 1] + 1, places[match.end()])) for match in found)
        return [Word(places[match.start()], end, self._pieces(match[0])) for match, end in ends]

    def _pieces(self, word: str) -> tuple[int, ...]:
        whole = self._ids.get(word)
        if whole is not None:
            return (whole,)
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        pieces, start = list[int](), 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = self._ids.get(mark + word[start:end])
                if piece is not None:
                    break
            else:
                return (self._unknown,)
            pieces.append(piece)
            start = end
        return tuple(pieces)


def _normalised(text: str, form: Form) -> tuple[str, list[int]]:
    """What the model was taught to read, and for each of its characters the one it stems from."""
    pieces, places = list[str](), list[int]()
    for index, character in enumerate(text):
        written = _written(character, form)
        pieces.append(written)
        places += [index] * len(written)
    return "".join(pieces), places


@lru_cache(maxsize=4096)
def _written(character: str, form: Form) -> str:
    """Small, without accents; with NFKD full-width letters and ligatures become plain. Punctuation stands alone."""
    if character.isspace():
        return " "
    kept = list[str]()
    for part in unicodedata.normalize(form, character).lower():
        kind = unicodedata.category(part)
        if kind[0] == "P" or part in string.punctuation or _is_cjk(part):
            kept += (" ", part, " ")
        elif kind not in ("Mn", "Cc", "Cf", "Co", "Cs") and part != "\ufffd":
            kept.append(" " if part.isspace() else part)
    return "".join(kept)


def _is_cjk(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in CJK)
