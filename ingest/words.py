"""Text as words that can be found: folded, stemmed in their language, codes whole and in parts."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import Stemmer
from msgspec import Struct

from ingest.bm25 import impact
from ingest.passage import Passage
from ingest.stopwords import STOP_WORDS

STEMMERS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish",
    "it": "italian", "nl": "dutch", "pt": "portuguese", "pl": "polish",
}  # fmt: skip
TITLE, HEADING = 2.0, 1.5
"""How many words of the text one there is worth."""
LONGEST_WORD = 64
MOST_ASKED = 32
SHORTEST_PREFIX = 5
MOST_COMPOUNDS = 50
"""Longer words that one word of a question may stand for."""
SHORTEST_STEMMED = 3
REMEMBERED, REMEMBERED_FORMS = 50_000, 5_000
TELLING = 2
"""So many stop words of a language, and a question is taken to be in it."""

_RUN = re.compile(r"[^\W_]+(?:[-_/.:@+][^\W_]+)*")
_JOINT = re.compile(r"[-_/.:@+]")
_SOFT_JOINT = re.compile(r"[-_/]")
_LETTERS_THEN_DIGITS = re.compile(r"([^\W\d_]{2,})(\d+)")
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Asked(Struct, frozen=True):
    """One word of a question: a passage has it that has any of these."""

    words: tuple[str, ...]
    prefix: str = ""
    """Words that begin so count too, though less: the rest of a compound."""


class Words:
    """For one thread at a time, as its stemmers are."""

    def __init__(self) -> None:
        self._stem = {language: Stemmer.Stemmer(name, 0).stemWord for language, name in STEMMERS.items()}
        self._indexed = lru_cache(REMEMBERED)(self._index)
        self._forms = lru_cache(REMEMBERED_FORMS)(self._stems)

    def of(self, passage: Passage, language: str) -> dict[str, int]:
        """What a passage is found by, each with its impact."""
        weights, length = self.weights(passage, language)
        impacts = {weight: impact(weight, length) for weight in set(weights.values())}
        return {word: impacts[weight] for word, weight in weights.items()}

    def weights(self, passage: Passage, language: str) -> tuple[dict[str, float], int]:
        """How often each word counts, and how many the text has."""
        runs = _runs(passage.text)
        language = language[:2].lower()
        if language not in STEMMERS:
            language = told_by(runs)
        text = [word for run in runs for word in self._indexed(run, language)]
        weights: dict[str, float] = dict(Counter(text))
        for words, weight in ((passage.title, TITLE), (" ".join(passage.headings), HEADING)):
            for word in [word for run in _runs(words) for word in self._indexed(run, language)]:
                weights[word] = weights.get(word, 0.0) + weight
        return weights, len(text)

    def asked(self, question: str) -> list[Asked]:
        """A question's language is seldom told, so each word is asked for as every language would stem it."""
        runs = _runs(question)
        stop = STOP_WORDS.get(told_by(runs, least=TELLING), frozenset())
        words = dict.fromkeys(word for run in runs for word in _parts(run) if word not in stop)
        also = _transcribed(question)
        return [self._asked(word, also.get(word)) for word in list(words)[:MOST_ASKED]]

    def _asked(self, word: str, other: str | None) -> Asked:
        spellings = [each for each in (word, other, _untranscribed(word)) if each]
        forms = dict.fromkeys(spellings)
        for spelling in spellings:
            if _is_stemmed(spelling):
                forms |= dict.fromkeys(self._forms(spelling))
        long = [form for form in forms if len(form) >= SHORTEST_PREFIX and word.startswith(form)]
        return Asked(tuple(forms), min(long, key=len, default=""))

    def _stems(self, word: str) -> tuple[str, ...]:
        return tuple(sorted({stem(word) for stem in self._stem.values()}))

    def _index(self, run: str, language: str) -> tuple[str, ...]:
        stop = STOP_WORDS.get(language, frozenset())
        stem = self._stem.get(language)
        words = (word for word in _parts(run) if word not in stop)
        return tuple(stem(word) if stem and _is_stemmed(word) else word for word in words)


def told_by(words: Iterable[str], least: int = 1) -> str:
    """The language whose stop words they have most of; empty if they have fewer than `least`."""
    counted = Counter(words)
    hits = {name: sum(counted[word] for word in stop & counted.keys()) for name, stop in STOP_WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= least else ""


def folded(text: str) -> str:
    """Lower case, no accents: `Störung` is `storung`, `Straße` is `strasse`."""
    low = text.casefold()
    if low.isascii():
        return low
    apart = unicodedata.normalize("NFKD", low.translate(_PLAIN))
    return "".join(each for each in apart if not unicodedata.combining(each))


def _runs(text: str) -> list[str]:
    return _RUN.findall(folded(text))


def _parts(run: str) -> list[str]:
    """`tr-069` is also `tr069`, `tr` and `069`; `192.168.1.1` stays whole; `vlan300` is also `vlan`, `300`."""
    if run.isalpha():
        return [run[:LONGEST_WORD]]
    pieces = _JOINT.split(run)
    if len(pieces) == 1:
        apart = _LETTERS_THEN_DIGITS.fullmatch(run)
        words = [run, *apart.groups()] if apart else [run]
    else:
        is_code = any(each.isdigit() for each in run) or _SOFT_JOINT.search(run)
        words = [_SOFT_JOINT.sub("", run)] if is_code else []
        words += [piece for piece in pieces if len(piece) > 1]
    return [word[:LONGEST_WORD] for word in words]


def _is_stemmed(word: str) -> bool:
    return len(word) >= SHORTEST_STEMMED and word.isalpha()


def _transcribed(question: str) -> dict[str, str]:
    """`Störung` may be written `Stoerung` in the text."""
    low = unicodedata.normalize("NFC", question.casefold())
    return {folded(word): folded(word.translate(_UMLAUTS)) for word in re.findall(r"\w*[äöü]\w*", low)}


def _untranscribed(word: str) -> str:
    """`Stoerung` may be asked for where the text has `Störung`."""
    plain = re.sub("([aou])e", r"\1", word)
    return plain if plain != word and _is_stemmed(word) else ""
