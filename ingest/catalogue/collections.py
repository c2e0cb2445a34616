"""The collections of a tenant."""

import re
import secrets
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, Executable, case, delete, func, select

from appliance.db import Database
from appliance.errors import InvalidRequest, NotFound
from appliance.identity.accounts import require_tenant
from appliance.tables import CollectionFiles, Documents
from appliance.tables import Collections as Table
from ingest.passage import EVERYBODY

Privacy = Literal["raw", "scrubbed"]
"""`scrubbed`: placeholders stand for what is personal before anything is stored."""

MOST = 1000
"""Collections of a tenant."""
_READER = re.compile(r"\*|(role|group|user):\S{1,255}")
_NAME = re.compile(r"[^\W_][\w .-]{0,99}")


class New(Struct, frozen=True, kw_only=True):
    name: str
    privacy: Privacy = "raw"
    language: str = ""
    """Of documents that do not say theirs."""
    access: tuple[str, ...] = (EVERYBODY,)


class Collection(Struct, frozen=True, kw_only=True):
    id: str
    tenant: str
    name: str
    privacy: Privacy
    language: str
    access: tuple[str, ...]
    created_at: datetime
    files: int = 0
    failed: int = 0
    documents: int = 0
    passages: int = 0


class Collections:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, tenant: str, new: New) -> Collection:
        if not _NAME.fullmatch(new.name):
            raise InvalidRequest(
                f"{new.name[:100]!r} cannot name a collection. Use up to 100 letters, digits, blanks and . _ -.",
                param="name",
            )
        for word in new.access:
            if not _READER.fullmatch(word):
                raise InvalidRequest(
                    f"{word[:100]!r} names no readers. Write *, role:agent, group:noc or user:anna.", param="access"
                )
        row = {
            "id": f"vs_{secrets.token_hex(12)}", "tenant_id": tenant, "name": new.name, "privacy": new.privacy,
            "language": new.language, "access": list(new.access), "created_at": datetime.now(UTC),
        }  # fmt: skip
        async with self._database.begin() as connection:
            await require_tenant(connection, tenant)
            mine = select(func.count()).select_from(Table).where(Table.tenant_id == tenant)
            if (await connection.scalar(mine) or 0) >= MOST:
                raise InvalidRequest(f"{tenant} has {MOST} collections. Remove one, or put documents into another.")
            if not await self._database.add(connection, Table, **row):
                raise InvalidRequest(f"There is a collection {new.name} already. Choose another name.", param="name")
        return await self.find(tenant, new.name)

    async def list(self, tenant: str) -> list[Collection]:
        """In order of their names."""
        return await self._database.apart(lambda connection: _list(connection, tenant), reads=True)

    async def find(self, tenant: str, name: str) -> Collection:
        """By its name or its id."""
        for each in await self.list(tenant):
            if name in (each.name, each.id):
                return each
        raise NotFound(
            f"{tenant} has no collection {name!r}. Choose one of `ringfence collections list`, or make it with "
            "`ringfence collections create`.",
            param="collection",
        )

    async def remove(self, collection: Collection) -> None:
        """With the rows of its files and documents; the index must have dropped them."""
        await self._database.apart(lambda connection: self._remove(connection, collection.id))
        await self._database.empty_log()

    def _remove(self, connection: Connection, collection: str) -> None:
        forgetting(connection)
        connection.execute(delete(Table).where(Table.id == collection))


def forgetting(connection: Connection) -> None:
    """What is deleted leaves the file of SQLite with this transaction: names of files may name people."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _list(connection: Connection, tenant: str) -> list[Collection]:
    mine = Table.tenant_id == tenant
    files = _counts(
        connection,
        select(
            CollectionFiles.collection_id, func.count(), func.sum(case((CollectionFiles.state == "failed", 1), else_=0))
        )
        .join(Table, Table.id == CollectionFiles.collection_id)
        .where(mine)
        .group_by(CollectionFiles.collection_id),
    )
    documents = _counts(
        connection,
        select(CollectionFiles.collection_id, func.count(), func.sum(Documents.passages))
        .join(Documents, Documents.file_id == CollectionFiles.id)
        .join(Table, Table.id == CollectionFiles.collection_id)
        .where(mine, Documents.passages > 0)
        .group_by(CollectionFiles.collection_id),
    )
    rows = connection.execute(select(Table).where(mine).order_by(Table.name)).all()
    return [
        Collection(
            id=row.id, tenant=tenant, name=row.name, privacy=row.privacy, language=row.language,
            access=tuple(row.access), created_at=row.created_at,
            files=files.get(row.id, (0, 0))[0], failed=files.get(row.id, (0, 0))[1],
            documents=documents.get(row.id, (0, 0))[0], passages=documents.get(row.id, (0, 0))[1],
        )
        for row in rows
    ]  # fmt: skip


def _counts(connection: Connection, query: Executable) -> dict[str, tuple[int, int]]:
    return {name: (int(first), int(second)) for name, first, second in connection.execute(query)}
