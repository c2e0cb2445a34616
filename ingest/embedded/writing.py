"""Changes to a tenant's files, each in one transaction and by one writer at a time.

Vectors of new passages are written to slots that nobody reads, and reach the disk before the transaction is
committed. Slots that fall vacant are overwritten after it, and not used again before that: a process that is killed
in between leaves them for the next change to overwrite.
"""

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np

from appliance.errors import InvalidRequest, Unavailable
from ingest.embedded import catalogue as catalogues
from ingest.embedded.change import Change
from ingest.embedded.lock import held
from ingest.embedded.matrix import Matrix
from ingest.embedded.tables import FILE, create, opened, transaction
from ingest.index import Stored
from ingest.passage import Document
from ingest.words import Words

Result = TypeVar("Result")


class Writing:
    """For one thread at a time."""

    def __init__(self, folder: Path, lock: Path, words: Words) -> None:
        self._folder, self._lock_file = folder, lock
        self._words = words

    def put(self, batch: Sequence[Stored]) -> None:
        with self._held():
            self._prepare(batch[0].vectors.shape[1])
            self._change(lambda change: change.put_all(batch))

    def describe(self, document: Document) -> bool:
        with self._held():
            return self._exists() and self._change(lambda change: change.describe(document))

    def delete(self, documents: Collection[str]) -> int:
        with self._held():
            return self._change(lambda change: change.delete(documents)) if self._exists() else 0

    def drop(self, collection: str) -> int:
        with self._held():
            if not self._exists():
                return 0
            return self._change(lambda change: change.drop(collection)) if collection else self._remove()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with held(self._lock_file):
            for left in (self._fresh, self._gone):  # by one who was killed
                shutil.rmtree(left, ignore_errors=True)
            yield

    @property
    def _fresh(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}.fresh")

    @property
    def _gone(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}.gone")

    def _exists(self) -> bool:
        return (self._folder / FILE).exists()

    def _prepare(self, width: int) -> None:
        """An index without documents takes vectors of any width."""
        if self._exists():
            with closing(opened(self._folder / FILE)) as tables:
                known = catalogues.state(tables).width
                if known == width:
                    return
                if tables.execute("SELECT 1 FROM documents LIMIT 1").fetchone():
                    raise InvalidRequest(
                        f"The vectors have {width} dimensions and those of the index {known}. Embed with the same "
                        "model, or drop the tenant's documents and ingest them again."
                    )
            self._remove()
        self._fresh.mkdir(mode=0o700)
        create(self._fresh, width)
        self._fresh.rename(self._folder)

    def _remove(self) -> int:
        """How many documents there were. A reader of the files sees that they are no longer the tenant's."""
        with closing(opened(self._folder / FILE)) as tables:
            (documents,) = tables.execute("SELECT count(*) FROM documents").fetchone()
        self._folder.rename(self._gone)
        shutil.rmtree(self._gone)
        return int(documents)

    def _change(self, do: Callable[[Change], Result]) -> Result:
        with closing(opened(self._folder / FILE)) as tables:
            matrix = Matrix(self._folder, catalogues.state(tables).width)
            owed = _wipe(tables, matrix)
            with transaction(tables, "IMMEDIATE"):
                change = Change(tables, self._words)
                result = do(change)
                matrix.write(*change.finish())
            if _wipe(tables, matrix) or change.erases or owed:
                _truncate_log(tables)
            return result


def _wipe(tables: sqlite3.Connection, matrix: Matrix) -> bool:
    slots = [slot for (slot,) in tables.execute("SELECT slot FROM vacant_slots WHERE NOT wiped ORDER BY slot")]
    if not slots:
        return False
    matrix.wipe(np.array(slots, np.int64))
    tables.execute("UPDATE vacant_slots SET wiped = 1 WHERE NOT wiped")
    return True


def _truncate_log(tables: sqlite3.Connection) -> None:
    """What was deleted stands in the write-ahead log until then."""
    busy, _, _ = tables.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Unavailable(
            "The documents are deleted, but a reader keeps the log that still has their text. Delete them again."
        )
