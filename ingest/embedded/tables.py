"""The SQLite file of a tenant: what stands in it, and how it is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from appliance.errors import SchemaMismatch, StorageError

FILE = "index.sqlite"
VERSION = 1
WAIT_SECONDS = 30.0
CACHE_KB = 4000

# A slot is a passage's place in the vector files. It is vacant when its passage is gone, and used again
# once its vector is overwritten (`wiped`). `changed` is the change by which a row came to be as it is.
SCHEMA = """
CREATE TABLE state (change INTEGER NOT NULL, vacated INTEGER NOT NULL, slots INTEGER NOT NULL, width INTEGER NOT NULL);
CREATE TABLE documents (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, changed INTEGER NOT NULL, body BLOB NOT NULL, slots BLOB NOT NULL
);
CREATE INDEX documents_changed ON documents (changed);
CREATE TABLE passages (slot INTEGER PRIMARY KEY, id TEXT NOT NULL);
CREATE TABLE bodies (slot INTEGER PRIMARY KEY, words BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE vacant_rows (row INTEGER PRIMARY KEY, changed INTEGER NOT NULL);
CREATE INDEX vacant_rows_changed ON vacant_rows (changed);
CREATE TABLE vacant_slots (slot INTEGER PRIMARY KEY, changed INTEGER NOT NULL, wiped INTEGER NOT NULL);
CREATE INDEX vacant_slots_changed ON vacant_slots (changed);
CREATE INDEX vacant_slots_wiped ON vacant_slots (wiped);
CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE postings (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
"""


def create(folder: Path, width: int) -> None:
    with closing(_connected(folder / FILE, "rwc")) as tables:
        tables.execute("PRAGMA page_size = 8192")
        tables.execute("PRAGMA journal_mode = WAL")
        tables.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
        tables.execute("INSERT INTO state VALUES (0, 0, 0, ?)", (width,))


def opened(file: Path) -> sqlite3.Connection:
    """For one thread at a time. It creates nothing."""
    try:
        tables = _connected(file, "rw")
    except sqlite3.OperationalError:
        if file.exists():
            raise
        raise FileNotFoundError(file) from None
    (version,) = tables.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return tables
    tables.close()
    raise SchemaMismatch(
        f"The index in {file.parent} is of version {version} and this Ringfence reads {VERSION}. "
        "Drop it and ingest the documents again."
    )


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    tables = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}",
        uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64,
    )  # fmt: skip
    tables.execute("PRAGMA secure_delete = ON")
    tables.execute("PRAGMA synchronous = FULL")
    tables.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    return tables


@contextmanager
def transaction(tables: sqlite3.Connection, kind: str) -> Iterator[None]:
    tables.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        tables.execute("ROLLBACK")
        raise
    tables.execute("COMMIT")


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"The index in {folder} cannot be used: {error}. See that its disk has room and its files are writable."
        ) from error
