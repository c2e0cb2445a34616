"""The files of a collection and the documents in them.

What the index holds is named here: a row is written before its document is put, and removed after it is deleted. So
whoever is killed between the two leaves a file that is read again, and nothing that nobody knows of.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, Select, delete, select, union_all

from appliance import tables
from appliance.db import Database
from appliance.tables import CollectionFiles, Collections, Documents
from ingest.catalogue.collections import forgetting

State = Literal["reading", "done", "failed"]

AT_ONCE = 500
"""Rows of one statement."""


class HeldFile(Struct, frozen=True, kw_only=True):
    id: str
    collection: str
    source: str
    path: str
    """As the source names it."""
    version: int
    digest: bytes | None = None
    embedder: str = ""
    state: State = "reading"
    code: str = ""
    reason: str = ""


class Row(Struct, frozen=True, kw_only=True):
    """A document of a file; with a `code`, one that could not be read."""

    id: str
    file_id: str
    path: str
    version: int
    passages: int = 0
    code: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()


class Fault(Struct, frozen=True):
    collection: str
    path: str
    code: str
    reason: str


def file_id(collection: str, source: str, path: str) -> str:
    return f"file-{_digest(collection, source, path)}"


def document_id(file: str, path: str, number: int) -> str:
    """`number` tells documents of one name in one file apart."""
    return f"doc-{_digest(file, path, str(number))}"


class Files:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, collection: str, source: str) -> dict[str, HeldFile]:
        """By their paths."""
        query = select(CollectionFiles).where(
            CollectionFiles.collection_id == collection, CollectionFiles.source == source
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {row.path: _held(row) for row in rows}

    async def expect(self, files: Sequence[HeldFile], rows: Sequence[Row]) -> None:
        """Before the index changes: the files are being read, and will hold these documents."""
        await self._database.apart(lambda connection: self._expect(connection, files, rows))

    async def stale(self, files: Sequence[HeldFile]) -> list[str]:
        """Documents that these versions of the files no longer hold."""
        return await self._database.apart(
            lambda connection: [row.id for each in files for row in connection.execute(_stale(each))], reads=True
        )

    async def finish(self, files: Sequence[HeldFile]) -> None:
        """After the index has changed: the files as they are from now on. What failed keeps its documents."""
        await self._database.apart(lambda connection: self._finish(connection, files))

    async def documents(self, files: Sequence[str]) -> list[str]:
        """The ids of all documents of these files."""
        async with self._database.read() as connection:
            return [
                row.id
                for some in _slices(files)
                for row in await connection.execute(select(Documents.id).where(Documents.file_id.in_(some)))
            ]

    async def remove(self, files: Sequence[str]) -> None:
        """After the index has lost their documents."""
        await self._database.apart(lambda connection: _remove(connection, files))
        await self._database.empty_log()

    async def faults(self, tenant: str, collection: str = "") -> list[Fault]:
        """Of files, and of documents within them."""
        among = [Collections.tenant_id == tenant]
        if collection:
            among.append(Collections.id == collection)
        of_files = (
            select(Collections.name, CollectionFiles.path, CollectionFiles.code, CollectionFiles.reason)
            .join(CollectionFiles, CollectionFiles.collection_id == Collections.id)
            .where(*among, CollectionFiles.code != "")
        )
        of_documents = (
            select(Collections.name, Documents.path, Documents.code, Documents.reason)
            .join(CollectionFiles, CollectionFiles.collection_id == Collections.id)
            .join(Documents, Documents.file_id == CollectionFiles.id)
            .where(*among, Documents.code != "")
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(union_all(of_files, of_documents))).all()
        return sorted((Fault(*row) for row in rows), key=lambda fault: (fault.collection, fault.path))

    async def readers(self, tenant: str) -> frozenset[str]:
        """Every word that the tenant's documents name readers by: who has them all sees what anybody may see."""
        query = select(Collections.access).where(Collections.tenant_id == tenant)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return frozenset(word for row in rows for word in row.access)

    async def paths(self, documents: Sequence[str]) -> dict[str, str]:
        """Where each document lies."""
        async with self._database.read() as connection:
            return {
                row.id: row.path
                for some in _slices(documents)
                for row in await connection.execute(select(Documents.id, Documents.path).where(Documents.id.in_(some)))
            }

    def _expect(self, connection: Connection, files: Sequence[HeldFile], rows: Sequence[Row]) -> None:
        self._put(connection, CollectionFiles, [_values(each) for each in files])
        read = [_row_values(row) for row in rows if not row.code]
        self._put(connection, Documents, read)
        # What was read of it before is still in the index, so its count stays.
        unread = [_row_values(row) for row in rows if row.code]
        self._put(connection, Documents, unread, keeping=("passages",))

    def _finish(self, connection: Connection, files: Sequence[HeldFile]) -> None:
        forgetting(connection)
        for each in files:
            if each.state == "done":
                connection.execute(delete(Documents).where(Documents.id.in_(_stale(each))))
        self._put(connection, CollectionFiles, [_values(each) for each in files])

    def _put(
        self, connection: Connection, table: type[tables.Table], rows: Sequence[Any], keeping: Sequence[str] = ()
    ) -> None:
        if not rows:
            return
        new = self._database.insert(table)
        changed = {name: new.excluded[name] for name in rows[0] if name != "id" and name not in keeping}
        connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=changed), rows)


def _stale(file: HeldFile) -> Select[Any]:
    return select(Documents.id).where(Documents.file_id == file.id, Documents.version < file.version)


def _remove(connection: Connection, files: Sequence[str]) -> None:
    forgetting(connection)
    for some in _slices(files):
        # The documents' rows go with them.
        connection.execute(delete(CollectionFiles).where(CollectionFiles.id.in_(some)))


def _held(row: Any) -> HeldFile:
    return HeldFile(
        id=row.id, collection=row.collection_id, source=row.source, path=row.path, version=row.version,
        digest=row.digest, embedder=row.embedder, state=row.state, code=row.code, reason=row.reason,
    )  # fmt: skip


def _values(file: HeldFile) -> dict[str, Any]:
    return {
        "id": file.id, "collection_id": file.collection, "source": file.source, "path": file.path,
        "version": file.version, "digest": file.digest, "embedder": file.embedder, "state": file.state,
        "code": file.code, "reason": file.reason, "changed_at": datetime.now(UTC),
    }  # fmt: skip


def _row_values(row: Row) -> dict[str, Any]:
    return {
        "id": row.id, "file_id": row.file_id, "path": row.path, "version": row.version, "passages": row.passages,
        "code": row.code, "reason": row.reason, "notes": list(row.notes),
    }  # fmt: skip


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]
