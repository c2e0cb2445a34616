"""A text in sentences, and sentences in windows of a size that a model reads best."""

import re
from collections.abc import Iterable, Iterator, Sequence

from appliance.privacy.wordpiece import Word

# After "Mr." or "St.", and before a number or a small letter, the sentence goes on.
BREAK = re.compile(r"\s*\n\s*|(?:(?<=\w{4}[.!?])|(?<=\w{4}[.!?][\"')]))\s+(?![\da-z])")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends; the space between them is left out."""
    start = 0
    for found in BREAK.finditer(text):
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    if start < len(text):
        yield start, len(text)


def windows(read: Iterable[Sequence[Word]], pieces: int, overlap: int) -> Iterator[list[Word]]:
    """Sentences side by side while they fit; one that is too long is cut, and the parts overlap."""
    window, used = list[Word](), 0
    for sentence in read:
        size = sum(len(word.pieces) for word in sentence)
        if window and used + size > pieces:
            yield window
            window, used = [], 0
        if size > pieces:
            yield from _cut(sentence, pieces, overlap)
            continue
        window += sentence
        used += size
    if window:
        yield window


def _cut(sentence: Sequence[Word], pieces: int, overlap: int) -> Iterator[list[Word]]:
    window, used = list[Word](), 0
    for word in sentence:
        if used + len(word.pieces) > pieces:
            yield window
            window = window[-overlap:]
            while window and sum(len(each.pieces) for each in window) + len(word.pieces) > pieces:
                window.pop(0)
            used = sum(len(each.pieces) for each in window)
        window.append(word)
        used += len(word.pieces)
    yield window
