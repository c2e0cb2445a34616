"""Our words in Weaviate's BM25: it counts, we stem. Pure.

Weaviate splits a field at its blanks and no more. A word stands in it as often as it weighs; the beginnings of long
words stand in a field of their own, marked, so that `Glasfaser` finds `Glasfaseranschluss`.
"""

from collections.abc import Iterator, Sequence

from ingest.passage import Passage
from ingest.words import SHORTEST_PREFIX, Asked, Words

MARK = "*"
LONGEST_PREFIX = 24
MOST_OF_ONE = 16
"""A word that is repeated more often says nothing more."""


def found_by(words: Words, passage: Passage, language: str) -> tuple[str, str]:
    """The field of words and the field of beginnings."""
    weights, _ = words.weights(passage, language)
    repeated = (word for word, weight in weights.items() for _ in range(min(MOST_OF_ONE, int(weight + 0.5))))
    beginnings = {each for word in weights for each in _beginnings(word)}
    return " ".join(repeated), " ".join(sorted(beginnings))


def asked_for(asked: Sequence[Asked]) -> str:
    forms = dict.fromkeys(form for each in asked for form in each.words)
    prefixes = dict.fromkeys(_marked(each.prefix) for each in asked if each.prefix)
    return " ".join([*forms, *prefixes])


def _beginnings(word: str) -> Iterator[str]:
    for end in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX + 1)):
        yield _marked(word[:end])


def _marked(prefix: str) -> str:
    return prefix[:LONGEST_PREFIX] + MARK
