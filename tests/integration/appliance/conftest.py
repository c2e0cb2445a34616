from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from appliance.db import Database
from appliance.identity import Identity
from appliance.identity.accounts import create_tenant
from appliance.identity.keys import Mint
from appliance.settings import Identity as IdentitySettings
from appliance.tables import Table

PEPPER = b"p" * 64

Replica = Callable[..., Awaitable[Identity]]


@pytest.fixture
def mint() -> Mint:
    return Mint(PEPPER)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """With its tables and the tenant `isp`."""
    opened = Database(database_url)
    async with opened.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    await create_tenant(opened, "isp")
    yield opened
    await opened.close()


@pytest.fixture
async def replica(database: Database, database_url: str) -> AsyncIterator[Replica]:
    """Another process's Identity, as far as it can be had in one process: with connections of its own."""
    async with AsyncExitStack() as stack:

        async def start(settings: IdentitySettings | None = None, **options: object) -> Identity:
            own = Database(database_url)
            stack.push_async_callback(own.close)
            identity = Identity(own, settings or IdentitySettings(), PEPPER, **options)
            await identity.start()
            stack.push_async_callback(identity.close)
            return identity

        yield start
