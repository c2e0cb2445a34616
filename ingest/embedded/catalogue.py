"""What a process keeps in memory of a tenant's documents: what queries filter by, and which slots are whose.

Made from the tables, and brought up to date from what has changed since. A catalogue never changes: a query that
began with one ends with it.
"""

import sqlite3
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ingest.index import Count, Filter
from ingest.passage import Document

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]

Kind = TypeVar("Kind", bound=np.generic)

NOWHERE = -1
MOST_MASKS = 32
FIELDS: tuple[tuple[str, Callable[[Document], Hashable]], ...] = (
    ("access", lambda document: document.access),
    ("collection", lambda document: document.collection),
    ("source", lambda document: document.source),
    ("language", lambda document: document.language),
    ("labels", lambda document: document.labels),
)


class State(Struct, frozen=True):
    """The one row of its table."""

    change: int
    vacated: int
    """The last change that took passages away."""
    slots: int
    width: int


class Catalogue(Struct, frozen=True):
    change: int
    owners: Numbers
    """The document's row, by slot."""
    fields: dict[str, Numbers]
    """The number of each document's value, by row; nowhere: no document."""
    modified: NDArray[np.float64]
    known: dict[str, dict[Hashable, int]]
    """The number of each value."""
    masks: dict[tuple[frozenset[str], Filter], tuple[Mask, Mask]]

    def seen(self, readers: frozenset[str], among: Filter, rows: Collection[int]) -> tuple[Mask, Mask]:
        """Which documents and slots exist for a reader. `rows`: of the documents that the filter names."""
        key = (readers, among)
        masks = self.masks.get(key)
        if masks is None:
            documents = self._documents(readers, among, rows)
            masks = documents, np.append(documents, False)[self.owners]
            if len(self.masks) >= MOST_MASKS:
                self.masks.clear()
            self.masks[key] = masks
        return masks

    def _documents(self, readers: frozenset[str], among: Filter, rows: Collection[int]) -> Mask:
        seen = self._having("access", lambda access: not readers.isdisjoint(access))
        for name, wanted in (
            ("collection", among.collections), ("source", among.sources), ("language", among.languages)
        ):  # fmt: skip
            if wanted:
                seen &= self._having(name, set(wanted).__contains__)
        if among.labels:
            seen &= self._having("labels", lambda labels: not set(among.labels).isdisjoint(labels))
        if among.since is not None:
            seen &= self.modified >= timestamp(among.since)
        if among.until is not None:
            seen &= self.modified < timestamp(among.until)
        if among.documents:
            named = np.zeros_like(seen)
            named[list(rows)] = True
            seen &= named
        return seen

    def _having(self, field: str, wanted: Callable[..., bool]) -> Mask:
        """The last place is for documents that are not there."""
        fits = np.array([*map(wanted, self.known[field]), False])
        return fits[self.fields[field]]


def empty() -> Catalogue:
    none = np.zeros(0, np.int32)
    names = [name for name, _ in FIELDS]
    return Catalogue(
        -1, none, dict.fromkeys(names, none), np.zeros(0), {name: {} for name in names}, {}
    )  # fmt: skip


def state(tables: sqlite3.Connection) -> State:
    return State(*tables.execute("SELECT change, vacated, slots, width FROM state").fetchone())


def updated(old: Catalogue, tables: sqlite3.Connection, now: State) -> Catalogue:
    since = (old.change,)
    (rows,) = tables.execute(
        "SELECT max(ifnull((SELECT max(row) FROM documents), 0), ifnull((SELECT max(row) FROM vacant_rows), 0))"
    ).fetchone()
    owners = _grown(old.owners, now.slots, NOWHERE)
    fields = {name: _grown(numbers, rows + 1, NOWHERE) for name, numbers in old.fields.items()}
    modified = _grown(old.modified, rows + 1, np.nan)
    known = {name: dict(values) for name, values in old.known.items()}
    for (slot,) in tables.execute("SELECT slot FROM vacant_slots WHERE changed > ?", since):
        owners[slot] = NOWHERE
    for (row,) in tables.execute("SELECT row FROM vacant_rows WHERE changed > ?", since):
        for numbers in fields.values():
            numbers[row] = NOWHERE
    for row, body, slots in tables.execute("SELECT row, body, slots FROM documents WHERE changed > ?", since):
        document = msgspec.msgpack.decode(body, type=Document)
        owners[np.frombuffer(slots, np.uint32)] = row
        modified[row] = timestamp(document.modified) if document.modified else np.nan
        for name, value in FIELDS:
            values = known[name]
            fields[name][row] = values.setdefault(value(document), len(values))
    return Catalogue(now.change, owners, fields, modified, known, {})


def count(masks: tuple[Mask, Mask]) -> Count:
    return Count(*(int(np.count_nonzero(mask)) for mask in masks))


def timestamp(moment: datetime) -> float:
    """A time without a zone is UTC, as everywhere in the database."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _grown(old: NDArray[Kind], size: int, fill: float) -> NDArray[Kind]:
    """A copy, at least as long."""
    new = np.full(max(size, len(old)), fill, old.dtype)
    new[: len(old)] = old
    return new
