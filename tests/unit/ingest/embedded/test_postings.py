import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from ingest.embedded.postings import RANGE, add, beginning, find, read, remove
from ingest.embedded.tables import SCHEMA


@pytest.fixture
def tables() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(SCHEMA)
        yield made


def postings(tables: sqlite3.Connection, word: str) -> list[tuple[int, int]]:
    slots, impacts = read(tables, find(tables, [word])[word])
    return list(zip(slots.tolist(), impacts.tolist(), strict=True))


def test_what_is_added_is_read_in_the_order_of_slots(tables: sqlite3.Connection):
    add(tables, {5: {"router": 50, "lamp": 20}, 2: {"router": 10}})
    add(tables, {9: {"router": 90}, RANGE + 1: {"router": 7}, 3 * RANGE: {"router": 8}})
    add(tables, {4: {"router": 40}})
    expected = [(2, 10), (4, 40), (5, 50), (9, 90), (RANGE + 1, 7), (3 * RANGE, 8)]
    assert postings(tables, "router") == expected
    assert postings(tables, "lamp") == [(5, 20)]


def test_what_is_removed_is_not_read_and_a_word_without_passages_is_forgotten(tables: sqlite3.Connection):
    numbers = add(tables, {1: {"router": 1, "secret": 2}, 2: {"router": 3}, RANGE: {"router": 4}})
    remove(tables, {1: numbers[1], RANGE: numbers[RANGE]})
    assert postings(tables, "router") == [(2, 3)]
    assert find(tables, ["router", "secret"]).keys() == {"router"}
    remove(tables, {2: numbers[2]})
    assert tables.execute("SELECT (SELECT count(*) FROM words) + (SELECT count(*) FROM postings)").fetchone() == (0,)


def test_a_passage_without_words_has_no_postings(tables: sqlite3.Connection):
    numbers = add(tables, {1: {}})
    assert numbers == {1: b""}
    remove(tables, numbers)


def test_longer_words_are_found_by_their_beginning(tables: sqlite3.Connection):
    add(tables, {1: {"glas": 1, "glasfaser": 1, "glasfaseranschluss": 1, "glasg": 1, "glatt": 1}})
    assert [word for word, _ in beginning(tables, "glas")] == ["glasfaser", "glasfaseranschluss", "glasg"]
