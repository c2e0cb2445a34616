"""Moves a database up and down. Alembic is slow to import: only `ringfence db` and a first start do it."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from appliance.db import Database
from appliance.errors import SchemaMismatch
from appliance.revisions import HEAD, REVISIONS, check_known, current

LOCK = 0x52494E47  # any constant number: two processes must not migrate one database at once


async def upgrade(database: Database, target: str = HEAD) -> None:
    await _run(database, command.upgrade, target)


async def downgrade(database: Database, target: str) -> None:
    """`base` drops everything."""
    await _run(database, command.downgrade, target)


async def _run(database: Database, step: Callable[[Config, str], None], target: str) -> None:
    if target not in (*REVISIONS, "base"):
        raise SchemaMismatch(f"There is no revision {target}. Choose one of base, {', '.join(REVISIONS)}.")
    # One transaction for all steps: both databases roll back CREATE and DROP, so nothing stays half done.
    async with database.begin() as connection:
        await database.lock(connection, LOCK)
        check_known(await current(connection))
        await connection.run_sync(_step, step, target)


def _step(connection: Connection, step: Callable[[Config, str], None], target: str) -> None:
    config = Config()
    config.set_main_option("script_location", "appliance:migrations")
    config.attributes["connection"] = connection
    step(config, target)
