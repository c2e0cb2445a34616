"""A tenant's files as a process reads them, several threads at once.

A slot's vector is overwritten only after the change that vacated it is committed. So when no such change has come
since a snapshot was taken, all vectors that were read are those of the snapshot; else the question is asked again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from msgspec import Struct

from ingest.embedded import catalogue as catalogues
from ingest.embedded.catalogue import Catalogue, State
from ingest.embedded.lock import held
from ingest.embedded.matrix import Matrix
from ingest.embedded.snapshot import Snapshot
from ingest.embedded.tables import FILE, opened, transaction
from ingest.fusion import Fusion
from ingest.words import Words

Answer = TypeVar("Answer")
Question = Callable[[Snapshot], Answer]

ATTEMPTS = 8


class Reader(Struct, frozen=True):
    """What one thread needs."""

    tables: sqlite3.Connection
    words: Words


class _Outdated(Exception):
    """The files changed under the question."""


class Files:
    """One folder for as long as it is the same folder."""

    def __init__(self, folder: Path, fusion: Fusion) -> None:
        self._file = folder / FILE
        self._identity = _identity(self._file)
        self._fusion = fusion
        self._lock = Lock()
        self._catalogue = catalogues.empty()
        self._idle: list[Reader] = []
        self._is_closed = False
        reader = self._open()
        self._matrix = Matrix(folder, catalogues.state(reader.tables).width)
        self._idle.append(reader)

    @property
    def is_current(self) -> bool:
        """Not when the tenant was dropped, even when it is there again."""
        try:
            return _identity(self._file) == self._identity
        except FileNotFoundError:
            return False

    def ask(self, question: Question[Answer]) -> Answer:
        reader = self._borrowed()
        try:
            return self._asked(question, reader)
        finally:
            self._give_back(reader)

    def close(self) -> None:
        """Connections that are in use close when they are given back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.tables.close()

    def _borrowed(self) -> Reader:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        try:
            return self._open()
        except FileNotFoundError:
            raise _Outdated from None

    def _give_back(self, reader: Reader) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append(reader)
                return
        reader.tables.close()

    def _open(self) -> Reader:
        return Reader(opened(self._file), Words())

    def _asked(self, question: Question[Answer], reader: Reader) -> Answer:
        tables = reader.tables
        with transaction(tables, "DEFERRED"):
            state = catalogues.state(tables)
            snapshot = Snapshot(
                tables, reader.words, self._matrix, self._current(tables, state), state, self._fusion
            )  # fmt: skip
            answer = question(snapshot)
        if catalogues.state(tables).vacated > state.change or not self.is_current:
            raise _Outdated
        return answer

    def _current(self, tables: sqlite3.Connection, state: State) -> Catalogue:
        with self._lock:
            if self._catalogue.change > state.change:
                raise _Outdated  # another thread has seen what came after
            if self._catalogue.change < state.change:
                self._catalogue = catalogues.updated(self._catalogue, tables, state)
            return self._catalogue


class Reading:
    """The files of a tenant, or none while there are none."""

    def __init__(self, folder: Path, lock: Path, fusion: Fusion) -> None:
        self._folder, self._lock_file, self._fusion = folder, lock, fusion
        self._lock = Lock()
        self._files: Files | None = None

    def ask(self, question: Question[Answer]) -> Answer | None:
        for _ in range(ATTEMPTS):
            with suppress(_Outdated):
                return self._ask(question)
        with held(self._lock_file):  # so many changes at once: now none may come
            return self._ask(question)

    def close(self) -> None:
        if self._files is not None:
            self._files.close()

    def _ask(self, question: Question[Answer]) -> Answer | None:
        files = self._current()
        return files.ask(question) if files is not None else None

    def _current(self) -> Files | None:
        with self._lock:
            if self._files is not None and not self._files.is_current:
                self._files.close()
                self._files = None
            if self._files is None:
                with suppress(FileNotFoundError):
                    self._files = Files(self._folder, self._fusion)
            return self._files


def _identity(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_dev, status.st_ino
