"""Whether a sentence may hold a name or an address at all: most support talk does not, and needs no model."""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files

from msgspec import Struct

from appliance.privacy.people.sentences import sentences
from appliance.privacy.scanning.harmless import TECHNICAL

WORD = re.compile(
    # E-mail and MAC addresses, dotted names and whatever has a digit in it are for the patterns,
    r"(?<!\S)\S{1,64}@\S{1,255}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|\b\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){2,10}"
    r"|\b(?P<number>[\w.-]{0,63}\d[\w.-]{0,63})"
    # what is left is a word, without the 's, 't, 'm at its end.
    r"|(?P<word>[^\W\d_]+)(?:['\u2019](?:s|t|m|ll|re|ve|d)\b)?"
)
ENDINGS = ("s", "d", "ed", "ing")
SHORTEST_STEM = 4
MARGIN = 3
"""Words on either side by which the model tells what a word is; more of them cost time and change nothing."""


class Words(Struct, frozen=True):
    """The lists in `wordlists/`, each with its meaning on top."""

    plain: frozenset[str] = frozenset()
    homonyms: frozenset[str] = frozenset()
    cues: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()


class Gate:
    """Wide open for what it does not know; only words that are surely plain keep a sentence from the model."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def passes(self, text: str) -> bool:
        """Whether any sentence of a text may name somebody."""
        return any(self.may_name(text[start:end]) for start, end in sentences(text))

    def may_name(self, sentence: str) -> bool:
        return bool(self._doubtful(list(WORD.finditer(sentence))))

    def parts(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What must be read of a sentence: all that may belong to a name, and some words around it."""
        words = list(WORD.finditer(text, start, end))
        first = last = -1
        for at in sorted(self._doubtful(words)):
            if first >= 0 and at - last > 2 * MARGIN:
                yield _around(words, first, last, start, end)
                first = at
            first = at if first < 0 else first
            last = at
        if first >= 0:
            yield _around(words, first, last, start, end)

    def _doubtful(self, words: Sequence[re.Match[str]]) -> list[int]:
        doubtful, places = list[int](), list[int]()
        has_place = has_number = is_cued = False
        for at, found in enumerate(words):
            written = found["word"]
            if found["number"]:
                has_number = True
                places.append(at)
            if not written:
                continue
            if len(written) == 1:
                is_cued = is_cued and written.isupper()
                continue
            word = written.lower()
            if word in self._words.titles or not self._is_plain(word, written, is_cued):
                doubtful.append(at)
            if word in self._words.places:
                has_place = True
                places.append(at)
            is_cued = word in self._words.cues
        return doubtful + places if has_place and has_number else doubtful

    def is_plain(self, word: str) -> bool:
        """Never a name, as it is written."""
        return word.lower() in self._words.plain or word in self._words.common

    def is_common(self, word: str) -> bool:
        """Plain, and no part of a name, in small letters."""
        return word in self._words.common

    def is_brand(self, word: str) -> bool:
        return word.lower() in self._words.brands

    def _is_plain(self, word: str, written: str, is_cued: bool) -> bool:
        if word in self._words.plain or word in self._words.brands:
            return True
        if written != word or is_cued:
            return False
        if word in self._words.homonyms or word in self._words.common:
            return True
        return any(self._stem(word, ending) in self._words.plain for ending in ENDINGS)

    @staticmethod
    def _stem(word: str, ending: str) -> str:
        """What is left of `waited` without `ed`; nothing, where too little would be left."""
        stem = word.removesuffix(ending)
        return stem if SHORTEST_STEM <= len(stem) < len(word) else ""


def _around(words: Sequence[re.Match[str]], first: int, last: int, start: int, end: int) -> tuple[int, int]:
    first, last = first - MARGIN, last + MARGIN
    return words[first].start() if first > 0 else start, words[last].end() if last < len(words) - 1 else end


def bundled() -> Gate:
    """The gate for English; of other languages it knows the commonest words, and the rest costs the model's time."""
    words = Words(
        plain=listed("plain") | listed("support") | listed("abroad"),
        homonyms=listed("homonyms"),
        cues=listed("cues"),
        titles=listed("titles"),
        places=listed("places"),
        common=listed("common") | listed("languages"),
        brands=listed("brands") | TECHNICAL,
    )
    return Gate(words)


def listed(name: str) -> frozenset[str]:
    lines = files("appliance.privacy").joinpath(f"wordlists/{name}.txt").read_text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def phrases(name: str) -> frozenset[tuple[str, ...]]:
    """Of a list that has one to a line."""
    lines = files("appliance.privacy").joinpath(f"wordlists/{name}.txt").read_text().splitlines()
    return frozenset(tuple(line.split()) for line in lines if not line.startswith("#"))
