"""How long a part of a text is, counted once for all its parts."""

from bisect import bisect_left
from typing import Protocol

MOST_CHARACTERS = 12
"""A token stands for no more: a picture in base64 is one unknown word to a tokenizer, and not short."""


class Ruler(Protocol):
    """What is used of an `Embedder`."""

    def tokens(self, text: str) -> list[int]: ...

    @property
    def limit(self) -> int: ...


class Measure:
    def __init__(self, text: str, ruler: Ruler) -> None:
        self._starts = ruler.tokens(text)

    def __call__(self, start: int, end: int) -> int:
        """The length of `text[start:end]`: its tokens, or more where they are very long."""
        return max(self.tokens(start, end), -(-(end - start) // MOST_CHARACTERS))

    def tokens(self, start: int, end: int) -> int:
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def words(self, start: int, end: int, size: int) -> list[int]:
        """Where pieces of at most `size` tokens begin, each at a word; a word without end is cut somewhere."""
        found = [start]
        for at in self._starts[bisect_left(self._starts, start) : bisect_left(self._starts, end)]:
            while at - found[-1] > size * MOST_CHARACTERS:
                found.append(found[-1] + size * MOST_CHARACTERS)
            if at > found[-1]:
                found.append(at)
        while end - found[-1] > size * MOST_CHARACTERS:
            found.append(found[-1] + size * MOST_CHARACTERS)
        return found
