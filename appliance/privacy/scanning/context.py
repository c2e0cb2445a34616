"""Words near a match make it surer: `IMEI: 490154203237518`."""

from collections.abc import Iterable, Iterator, Sequence

BEFORE = 60
AFTER = 30
"""Bytes that are looked at on each side,"""
WORDS_BEFORE = 6
WORDS_AFTER = 2
"""words,"""
PHRASE = 3
"""and words in a context word such as `date of birth`."""
DISTANCES = (*range(WORDS_BEFORE - 1, -1, -1), *range(WORDS_AFTER))
"""Of all these words, in order."""
NEARER = 0.01
"""What each word in between takes off, so that the nearest word decides between two types."""

EDGE = r"(?:\b|_)"
"""Of a word of ASCII: `_` parts words, too."""

_SPACED = bytes(code if code >= 128 or chr(code).isalnum() or code == 10 else 32 for code in bytes(range(256)).lower())


def phrases(context: Iterable[str]) -> frozenset[bytes]:
    words = (each.casefold().encode().translate(_SPACED).split() for each in context)
    return frozenset(b" ".join(each) for each in words if each)


def first_words(context: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(phrase.split()[0] for phrase in context)


def hint(context: Iterable[bytes]) -> str:
    """A regex that finds these phrases wherever they are."""
    return "|".join(_anywhere(each.decode()) for each in sorted(context))


def _anywhere(phrase: str) -> str:
    before, behind = (EDGE if sign.isascii() else "" for sign in (phrase[0], phrase[-1]))
    return f"{before}(?i:{'[^A-Za-z0-9]+'.join(phrase.split())}){behind}"


def openers(contexts: Iterable[Iterable[bytes]]) -> frozenset[bytes]:
    """The words with which a phrase of several begins."""
    return frozenset(phrase.split()[0] for each in contexts for phrase in each if b" " in phrase)


def _stretches(count: int) -> Iterator[tuple[int, int]]:
    """Where phrases begin and end among so many words."""
    return ((at, at + length) for length in range(2, PHRASE + 1) for at in range(count - length + 1))


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
        self._known: dict[tuple[int, int], tuple[list[bytes], Sequence[int]]] = {}
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
        words, distances = near
        if context.isdisjoint(words):
            return None
        return min(distance for word, distance in zip(words, distances, strict=True) if word in context)

    def _near(self, start: int, end: int) -> tuple[list[bytes], Sequence[int]]:
        """Words and phrases, and the distance of each."""
        before = self._before(start)
        after = self._words[end : end + AFTER].partition(b"\n")[0].split(None, WORDS_AFTER)[:WORDS_AFTER]
        words = before + after
        distances = DISTANCES[WORDS_BEFORE - len(before) : WORDS_BEFORE + len(after)]
        if self._openers.isdisjoint(words):
            return words, distances
        phrases = {(b" ".join(before[at:end]), len(before) - end) for at, end in _stretches(len(before))}
        phrases |= {(b" ".join(after[at:end]), at) for at, end in _stretches(len(after))}
        return [*words, *(phrase for phrase, _ in phrases)], [*distances, *(distance for _, distance in phrases)]

    def _before(self, start: int) -> list[bytes]:
        """The words of the same line, or, where nothing but numbers stands before the match, those of the line above,
        which may be the head of a table."""
        above, _, same = self._words[max(0, start - BEFORE) : start].rpartition(b"\n")
        words = same.split()
        if all(map(bytes.isdigit, words)):
            words = above.rpartition(b"\n")[2].split()
        return words[-WORDS_BEFORE:]
