"""The first start: a tenant and an administrator's key, so that there is somebody who can make the others."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance import keyring
from appliance.db import Database
from appliance.errors import ConfigError
from appliance.identity.accounts import Tenant, change, insert_tenant
from appliance.identity.credentials import Order, insert_key
from appliance.identity.keys import Mint
from appliance.tables import Tenants

TENANT = "default"
KEY_FILE = "admin.key"
LOCK = 0x41444D49  # any constant number


async def bootstrap(database: Database, mint: Mint, var: Path) -> Path | None:
    """Where the key was put; None when there are tenants already, so this was not the first start.

    The file comes before the commit, and one that is there is taken over: a crash between the two, or a
    database that was begun anew, leaves a key that works.
    """
    if not await is_first_start(database):
        return None
    async with change(database) as connection:
        await database.lock(connection, LOCK)
        if await _has_tenants(connection):
            return None
        file = var / KEY_FILE
        text = keyring.obtain(file, mint.bearer)
        if not mint.made_text(text.encode()):
            raise ConfigError(f"{file} holds no key made under this identity.pepper. Move it away and start again.")
        await insert_tenant(database, connection, Tenant(TENANT, datetime.now(UTC), None))
        await insert_key(connection, mint, Order(tenant=TENANT, name="administrator", role="admin"), text)
    return file


async def is_first_start(database: Database) -> bool:
    async with database.read() as connection:
        return not await _has_tenants(connection)


async def _has_tenants(connection: AsyncConnection) -> bool:
    return await connection.scalar(select(Tenants.id).limit(1)) is not None
