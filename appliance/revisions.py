"""Which version of the tables a database has, and whether this Ringfence fits it. Cheap: every start asks."""

from msgspec import Struct
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.db import Database
from appliance.errors import SchemaMismatch

REVISIONS = ("0001_identity", "0002_limits", "0003_audit", "0004_kept_values", "0005_knowledge")
"""Every file of `migrations/versions`, oldest first; a test compares them."""

HEAD = REVISIONS[-1]


class Status(Struct, frozen=True):
    current: str | None  # none: an empty database
    head: str

    @property
    def is_current(self) -> bool:
        return self.current == self.head


async def status(database: Database) -> Status:
    async with database.read() as connection:
        return Status(await current(connection), HEAD)


async def ensure_current(database: Database) -> None:
    found = (await status(database)).current
    check_known(found)
    if found is None:
        raise SchemaMismatch("The database is empty. Run `ringfence db upgrade`.")
    if found != HEAD:
        raise SchemaMismatch(f"The database is at {found}, older than {HEAD}. Run `ringfence db upgrade`.")


def check_known(found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise SchemaMismatch(
            f"The database is at {found}, which this Ringfence does not know; its newest is {HEAD}. "
            f"Install the Ringfence that made it, or go back with that one: `ringfence db downgrade {HEAD}`."
        )


async def current(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(_is_versioned):
        return None
    found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _is_versioned(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")
