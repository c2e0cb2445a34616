"""Words near a match make it surer: `IMEI: 490154203237518`."""

from collections.abc import Iterable, Mapping

BEFORE = 60
AFTER = 30
"""Bytes that are looked at on each side,"""
WORDS_BEFORE = 6
WORDS_AFTER = 2
"""words,"""
PHRASE = 3
"""and words in a context word such as `date of birth`."""
NEARER = 0.01
"""What each word in between takes off, so that the nearest word decides between two types."""

_SPACED = bytes(code if code >= 128 or chr(code).isalnum() or code == 10 else 32 for code in bytes(range(256)).lower())


def phrases(context: Iterable[str]) -> frozenset[bytes]:
    words = (each.casefold().encode().translate(_SPACED).split() for each in context)
    return frozenset(b" ".join(each) for each in words if each)


def first_words(context: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(phrase.split()[0] for phrase in context)


def hint(words: Iterable[str]) -> str:
    """A regex that finds one of these words wherever it is one of the context."""
    return "|".join(rf"(?:\b|_)(?i:{each})(?:\b|_)" if each.isascii() else f"(?i:{each})" for each in words)


def openers(contexts: Iterable[Iterable[bytes]]) -> frozenset[bytes]:
    """The words with which a phrase of several begins."""
    return frozenset(phrase.split()[0] for each in contexts for phrase in each if b" " in phrase)


class Vicinity:
    """The words near any place of one text."""

    def __init__(self, text: str, data: bytes, openers: frozenset[bytes]) -> None:
        self.widest = 1 if len(data) == len(text) else 4
        """Bytes of a character, at the most."""
        if not text.isascii():
            lower = text.lower().encode("utf-8", "replace")
            if len(lower) == len(data):  # some letters change their length with their case
                data = lower
        self._words = data.translate(_SPACED)
        self._openers = openers
        self._known: dict[tuple[int, int], Mapping[bytes, int]] = {}
        self._all: frozenset[bytes] | None = None

    def mentions(self, first_words: frozenset[bytes]) -> bool:
        """Whether one of these words stands anywhere."""
        if self._all is None:
            self._all = frozenset(self._words.split())
        return not first_words.isdisjoint(self._all)

    def distance(self, context: frozenset[bytes], start: int, end: int) -> int | None:
        """How many words stand between these bytes and the nearest word of the context."""
        near = self._known.get((start, end))
        if near is None:
            near = self._known[start, end] = self._near(start, end)
        if context.isdisjoint(near):
            return None
        return min(near[each] for each in context.intersection(near))

    def _near(self, start: int, end: int) -> Mapping[bytes, int]:
        """Each word and phrase with its distance; what stands before goes before what stands behind."""
        before = self._before(start)
        after = self._words[end : end + AFTER].partition(b"\n")[0].split(None, WORDS_AFTER)[:WORDS_AFTER]
        near = dict(zip(after, range(WORDS_AFTER), strict=False))
        near |= zip(before, range(len(before) - 1, -1, -1), strict=True)
        if self._openers.isdisjoint(near):
            return near
        for length in range(2, PHRASE + 1):
            near |= {b" ".join(after[at : at + length]): at for at in range(len(after) - length + 1)}
            left = len(before) - length
            near |= {b" ".join(before[at : at + length]): left - at for at in range(left + 1)}
        return near

    def _before(self, start: int) -> list[bytes]:
        """The words of the same line, or, where nothing but numbers stands before the match, those of the line above,
        which may be the head of a table."""
        above, _, same = self._words[max(0, start - BEFORE) : start].rpartition(b"\n")
        words = same.split()
        if all(map(bytes.isdigit, words)):
            words = above.rpartition(b"\n")[2].split()
        return words[-WORDS_BEFORE:]
