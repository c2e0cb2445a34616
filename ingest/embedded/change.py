"""What one transaction does to the tables, and which vectors go to which slots."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence

import msgspec
import numpy as np

from ingest.embedded import catalogue as catalogues
from ingest.embedded import postings
from ingest.embedded.matrix import Slots
from ingest.index import Stored, Vectors
from ingest.passage import Document, Passage
from ingest.words import Words

MOST_AT_ONCE = 5000
"""Passages whose words are held in memory before they are written."""


class Change:
    def __init__(self, tables: sqlite3.Connection, words: Words) -> None:
        self._tables = tables
        self._words = words
        self._state = catalogues.state(tables)
        self._number = self._state.change + 1
        self._slots = self._state.slots
        self._put: set[str] = set()
        self._added: dict[int, tuple[Passage, str]] = {}
        self._left: list[int] = []
        self._written: list[tuple[list[int], Vectors]] = []
        self.erases = False
        """Whether text is taken away."""

    def put_all(self, batch: Sequence[Stored]) -> None:
        for each in batch:
            self._put_one(each)

    def _put_one(self, stored: Stored) -> None:
        document = stored.document
        if document.id in self._put:  # twice in one batch
            self._flush()
        self._put.add(document.id)
        row = self._make_room(document)
        if row is None:
            return
        slots = self._new_slots(len(stored.passages))
        self._added.update(
            (slot, (each, document.language)) for slot, each in zip(slots, stored.passages, strict=True)
        )  # fmt: skip
        self._written.append((slots, stored.vectors))
        self._tables.execute(
            "INSERT INTO documents (row, id, changed, body, slots) VALUES (?, ?, ?, ?, ?)",
            (row, document.id, self._number, msgspec.msgpack.encode(document), np.array(slots, np.uint32).tobytes()),
        )
        if len(self._added) >= MOST_AT_ONCE:
            self._flush()

    def describe(self, document: Document) -> bool:
        self.erases = True  # the old title
        changed = self._tables.execute(
            "UPDATE documents SET changed = ?, body = ? WHERE id = ?",
            (self._number, msgspec.msgpack.encode(document), document.id),
        )
        return changed.rowcount > 0

    def delete(self, documents: Iterable[str]) -> int:
        self.erases = True  # also what one who was killed has left in the log
        return sum(self._delete(each) for each in set(documents))

    def drop(self, collection: str) -> int:
        bodies = self._tables.execute("SELECT body FROM documents").fetchall()
        documents = (msgspec.msgpack.decode(body, type=Document) for (body,) in bodies)
        return self.delete(each.id for each in documents if each.collection == collection)

    def finish(self) -> tuple[Slots, Vectors]:
        """The vectors to write before the transaction is committed."""
        self._flush()
        vacated = self._number if self.erases else self._state.vacated
        self._tables.execute(
            "UPDATE state SET change = ?, vacated = ?, slots = ?", (self._number, vacated, self._slots)
        )
        slots = [slot for some, _ in self._written for slot in some]
        vectors = [each for _, each in self._written if len(each)]
        return np.array(slots, np.int64), np.concatenate(vectors) if vectors else np.empty((0, 0), np.float32)

    def _make_room(self, document: Document) -> int | None:
        """The row for the document; none when a newer version is there."""
        there = self._tables.execute("SELECT row, body FROM documents WHERE id = ?", (document.id,)).fetchone()
        if there is None:
            return self._new_row()
        if msgspec.msgpack.decode(there[1], type=Document).version > document.version:
            return None
        self._delete(document.id)
        return self._new_row()

    def _delete(self, document: str) -> bool:
        there = self._tables.execute("SELECT row, slots FROM documents WHERE id = ?", (document,)).fetchone()
        if there is None:
            return False
        row, slots = there
        self.erases = True
        self._tables.execute("DELETE FROM documents WHERE row = ?", (row,))
        self._tables.execute("INSERT INTO vacant_rows VALUES (?, ?)", (row, self._number))
        self._left += np.frombuffer(slots, np.uint32).tolist()
        if len(self._left) >= MOST_AT_ONCE:
            self._flush()
        return True

    def _flush(self) -> None:
        self._remove_passages(self._left)
        self._add_passages()
        self._left = []
        self._added = {}

    def _remove_passages(self, slots: Collection[int]) -> None:
        if not slots:
            return
        marks = ",".join(map(str, slots))
        words = dict(self._tables.execute(f"SELECT slot, words FROM bodies WHERE slot IN ({marks})"))  # noqa: S608
        postings.remove(self._tables, words)
        for table in ("passages", "bodies"):
            self._tables.execute(f"DELETE FROM {table} WHERE slot IN ({marks})")  # noqa: S608
        self._tables.executemany(
            "INSERT INTO vacant_slots VALUES (?, ?, 0)", [(slot, self._number) for slot in slots]
        )  # fmt: skip

    def _add_passages(self) -> None:
        if not self._added:
            return
        words = {slot: self._words.of(passage, language) for slot, (passage, language) in self._added.items()}
        numbers = postings.add(self._tables, words)
        passages = [(slot, passage) for slot, (passage, _) in self._added.items()]
        self._tables.executemany("INSERT INTO passages VALUES (?, ?)", [(slot, each.id) for slot, each in passages])
        self._tables.executemany(
            "INSERT INTO bodies VALUES (?, ?, ?)",
            [(slot, numbers[slot], msgspec.msgpack.encode(each)) for slot, each in passages],
        )

    def _new_row(self) -> int:
        vacant = self._tables.execute("SELECT min(row) FROM vacant_rows").fetchone()[0]
        if vacant is None:
            return int(self._tables.execute("SELECT ifnull(max(row), -1) + 1 FROM documents").fetchone()[0])
        self._tables.execute("DELETE FROM vacant_rows WHERE row = ?", (vacant,))
        return int(vacant)

    def _new_slots(self, count: int) -> list[int]:
        """Vacant ones first, but none that this change or an unfinished one has vacated."""
        found = self._tables.execute("SELECT slot FROM vacant_slots WHERE wiped ORDER BY slot LIMIT ?", (count,))
        slots = [slot for (slot,) in found]
        self._tables.executemany("DELETE FROM vacant_slots WHERE slot = ?", [(slot,) for slot in slots])
        end = self._slots + count - len(slots)
        slots += range(self._slots, end)
        self._slots = end
        return slots
