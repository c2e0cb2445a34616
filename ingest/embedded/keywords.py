"""BM25 over what a reader may see: everything else is left out before a word's rarity is counted."""

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.bm25 import prefixed, rarity
from ingest.embedded.catalogue import Mask
from ingest.embedded.matrix import Slots
from ingest.embedded.postings import Impacts, beginning, find, read
from ingest.words import MOST_COMPOUNDS, Asked

Found = tuple[Slots, Impacts]


def keyword_scores(
    tables: sqlite3.Connection, asked: Sequence[Asked], mask: Mask, visible: int
) -> NDArray[np.float32]:  # fmt: skip
    """By slot; 0: none of the words."""
    scores = np.zeros(len(mask), np.float32)
    numbers = find(tables, list(dict.fromkeys(word for each in asked for word in each.words)))
    for each in asked:
        found = [_seen(read(tables, numbers[word]), mask, visible) for word in each.words if word in numbers]
        found += _compounds(tables, each, mask, visible)
        slots, impacts = _united([one for one in found if len(one[0])], len(mask))
        if len(slots):
            scores[slots] += impacts * np.float32(rarity(visible, len(slots)))
    return scores


def _compounds(tables: sqlite3.Connection, asked: Asked, mask: Mask, visible: int) -> Iterator[Found]:
    """Only words that the reader may see anywhere count towards the bound."""
    if not asked.prefix:
        return
    left = MOST_COMPOUNDS
    for word, number in beginning(tables, asked.prefix):
        if word in asked.words:
            continue
        slots, impacts = _seen(read(tables, number), mask, visible)
        if len(slots):
            yield slots, prefixed(impacts)
            left -= 1
        if not left:
            return


def _seen(found: Found, mask: Mask, visible: int) -> Found:
    if visible == len(mask):
        return found
    slots, impacts = found
    seen = mask[slots]
    return slots[seen], impacts[seen]


def _united(found: Sequence[Found], size: int) -> Found:
    """A passage that has several forms of a word counts by the best of them."""
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.uint8)
    if len(found) == 1:
        return found[0]
    best = np.zeros(size, np.uint8)
    for slots, impacts in found:
        best[slots] = np.maximum(best[slots], impacts)
    slots = np.flatnonzero(best.view(np.bool_))
    return slots, best[slots]
