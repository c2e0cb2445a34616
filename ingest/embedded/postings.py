"""Which passages have a word, and with what impact: for each word and range of slots one row of SQLite.

A row holds the slots' places in their range in ascending order, two bytes each, then their impacts, one byte each.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ingest.embedded.matrix import Slots

Impacts = NDArray[np.uint8]

RANGE = 1 << 15
"""Slots whose postings share a row: fewer rows to read, more to write when one is added."""
RANGES = 20
"""Bits of a row's key that say which range; the word's number stands above them."""
BATCH = 500
MOST_PREFIXED = 500
"""Words looked at for one prefix."""


def find(tables: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
    """The numbers of those words that any passage has."""
    found: dict[str, int] = {}
    for start in range(0, len(words), BATCH):
        some = words[start : start + BATCH]
        marks = ",".join("?" * len(some))
        found.update(tables.execute(f"SELECT word, number FROM words WHERE word IN ({marks})", some))  # noqa: S608
    return found


def beginning(tables: sqlite3.Connection, prefix: str) -> Iterator[tuple[str, int]]:
    """Longer words and their numbers, in their order."""
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    statement = "SELECT word, number FROM words WHERE word > ? AND word < ? ORDER BY word LIMIT ?"
    return iter(tables.execute(statement, (prefix, end, MOST_PREFIXED)).fetchall())


def read(tables: sqlite3.Connection, number: int) -> tuple[Slots, Impacts]:
    rows = tables.execute(
        "SELECT place, data FROM postings WHERE place BETWEEN ? AND ?", (number << RANGES, _last(number))
    ).fetchall()
    if len(rows) == 1:
        return _slots(*rows[0]), _impacts(rows[0][1])
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.uint8)
    return np.concatenate([_slots(*row) for row in rows]), np.concatenate([_impacts(data) for _, data in rows])


def add(tables: sqlite3.Connection, passages: Mapping[int, Mapping[str, int]]) -> dict[int, bytes]:
    """The words of passages by slot. Gives the numbers of each passage's words, by which they are removed again."""
    numbers = _numbered(tables, dict.fromkeys(word for words in passages.values() for word in words))
    lengths = [len(words) for words in passages.values()]
    words = np.fromiter((numbers[word] for each in passages.values() for word in each), np.int64, sum(lengths))
    impacts = np.fromiter((impact for each in passages.values() for impact in each.values()), np.uint8, sum(lengths))
    slots = np.repeat(np.fromiter(passages, np.int64, len(passages)), lengths)
    _write(tables, words, slots, impacts)
    ends = np.cumsum(lengths)
    stored = words.astype(np.uint32)
    return {
        slot: stored[end - length : end].tobytes()
        for slot, length, end in zip(passages, lengths, ends.tolist(), strict=True)
    }


def remove(tables: sqlite3.Connection, passages: Mapping[int, bytes]) -> None:
    """With what `add` gave. A word that no passage has any more is forgotten."""
    words = np.concatenate([np.frombuffer(each, np.uint32) for each in passages.values()]).astype(np.int64)
    slots = np.repeat(np.fromiter(passages, np.int64, len(passages)), [len(each) // 4 for each in passages.values()])
    emptied: set[int] = set()
    for place, gone, _ in _grouped(words, slots, np.zeros(len(words), np.uint8)):
        (data,) = tables.execute("SELECT data FROM postings WHERE place = ?", (place,)).fetchone()
        there = _places(data)
        kept = ~np.isin(there, gone)
        if kept.any():
            left = there[kept].tobytes() + _impacts(data)[kept].tobytes()
            tables.execute("UPDATE postings SET data = ? WHERE place = ?", (left, place))
        else:
            tables.execute("DELETE FROM postings WHERE place = ?", (place,))
            emptied.add(place >> RANGES)
    tables.executemany(
        "DELETE FROM words WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM postings WHERE place BETWEEN ?2 AND ?3)",
        [(number, number << RANGES, _last(number)) for number in emptied],
    )


def _numbered(tables: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    wanted = list(words)
    numbers = find(tables, wanted)
    (last,) = tables.execute("SELECT ifnull(max(number), 0) FROM words").fetchone()
    fresh = {word: last + place for place, word in enumerate((word for word in wanted if word not in numbers), 1)}
    tables.executemany("INSERT INTO words (word, number) VALUES (?, ?)", fresh.items())
    return numbers | fresh


def _write(tables: sqlite3.Connection, words: Slots, slots: Slots, impacts: Impacts) -> None:
    groups = _grouped(words, slots, impacts)
    while some := list(islice(groups, BATCH)):
        marks = ",".join(str(place) for place, _, _ in some)
        there = dict(tables.execute(f"SELECT place, data FROM postings WHERE place IN ({marks})"))  # noqa: S608
        tables.executemany(
            "INSERT OR REPLACE INTO postings VALUES (?, ?)",
            [(place, _merged(there.get(place, b""), places, added)) for place, places, added in some],
        )


def _grouped(words: Slots, slots: Slots, impacts: Impacts) -> Iterator[tuple[int, NDArray[np.uint16], Impacts]]:
    """By the row that each belongs to."""
    if not len(words):
        return
    rows = (words << RANGES) | (slots // RANGE)
    order = np.lexsort((slots, rows))
    rows, places, impacts = rows[order], (slots[order] % RANGE).astype(np.uint16), impacts[order]
    starts = np.flatnonzero(np.diff(rows, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield int(rows[start]), places[start:end], impacts[start:end]


def _merged(data: bytes, places: NDArray[np.uint16], impacts: Impacts) -> bytes:
    if not data:
        return places.tobytes() + impacts.tobytes()
    there = _places(data)
    if there[-1] < places[0]:
        cut = 2 * len(there)
        return b"".join((data[:cut], places.tobytes(), data[cut:], impacts.tobytes()))
    both, weights = np.concatenate([there, places]), np.concatenate([_impacts(data), impacts])
    order = np.argsort(both, kind="stable")
    return both[order].tobytes() + weights[order].tobytes()


def _slots(place: int, data: bytes) -> Slots:
    return _places(data) + np.int64((place & ((1 << RANGES) - 1)) * RANGE)


def _places(data: bytes) -> NDArray[np.uint16]:
    return np.frombuffer(data, np.uint16, len(data) // 3)


def _impacts(data: bytes) -> Impacts:
    return np.frombuffer(data, np.uint8, len(data) // 3, len(data) // 3 * 2)


def _last(number: int) -> int:
    return (number << RANGES) | ((1 << RANGES) - 1)
