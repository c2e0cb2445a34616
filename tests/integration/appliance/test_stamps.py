"""What happens to authentication when the watch, or the database under it, is gone."""

import asyncio
import time

import psycopg
import pytest
from sqlalchemy import make_url, text

from appliance.db import Database
from appliance.errors import Unauthenticated, Unavailable
from appliance.identity import Identity
from appliance.identity.accounts import create_tenant
from appliance.identity.credentials import Order, create_key, revoke_key
from appliance.identity.keys import Mint
from appliance.settings import Identity as IdentitySettings
from appliance.stamps import Watch, bump
from appliance.tables import Table

PEPPER = b"p" * 64


async def call(identity, key):
    return await identity.authenticate({b"authorization": f"Bearer {key}".encode()}, "GET", "/", None)


async def until(condition, seconds=1.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_a_change_is_seen_by_every_watch_within_a_second(database, database_url):
    others = [Database(database_url) for _ in range(2)]
    watches = [Watch(other, "identity") for other in others]
    for watch in watches:
        assert watch.version() is None
        await watch.start()
    for _ in range(5):
        await until(lambda: all(watch.version() is not None for watch in watches))
        after = watches[0].version() + 1
        async with database.begin() as connection:
            await bump(database, connection, "identity")
        await until(lambda after=after: all(watch.version() == after for watch in watches))
    for watch, other in zip(watches, others, strict=True):
        await watch.close()
        assert watch.version() is None
        await other.close()


async def test_a_change_that_is_rolled_back_is_none(database):
    watch = Watch(database, "identity")
    await watch.start()
    await until(lambda: watch.version() is not None)
    before = watch.version()
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as connection:
            await bump(database, connection, "identity")
            raise ZeroDivisionError
    await asyncio.sleep(0.6)
    assert watch.version() == before
    await watch.close()


async def test_notify_wakes_the_watch_long_before_the_next_poll(postgres_url):
    database = Database(postgres_url)
    async with database.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    watch = Watch(database, "identity")
    await watch.start()
    await until(lambda: watch.version() is not None)
    delays = []
    for _ in range(10):
        before = watch.version()
        begun = time.monotonic()
        async with database.begin() as connection:
            await bump(database, connection, "identity")
        while watch.version() == before:
            await asyncio.sleep(0.001)
        delays.append(time.monotonic() - begun)
    assert sorted(delays)[5] < 0.2  # by polling alone it would be 0.2 on average
    await watch.close()
    await database.close()


@pytest.fixture
async def outage(postgres_url):
    """A remembered key, and a way to cut every connection to its database."""
    database = Database(postgres_url)
    async with database.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    await create_tenant(database, "isp")
    identity = Identity(database, IdentitySettings(), PEPPER)
    await identity.start()
    issued = await create_key(database, Mint(PEPPER), Order(tenant="isp", name="test"))
    await until(lambda: identity._watch.version() is not None)
    await call(identity, issued.text)
    yield database, identity, issued
    await identity.close()
    await database.close()


def cut(url, allow):
    name = make_url(url).database
    admin = make_url(url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {'true' if allow else 'false'}")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


async def test_a_remembered_key_is_not_served_for_longer_than_a_second_without_the_database(postgres_url, outage):
    _, identity, issued = outage
    await asyncio.to_thread(cut, postgres_url, False)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        while time.monotonic() < begun + 1:
            await call(identity, issued.text)
            await asyncio.sleep(0.01)
    await asyncio.to_thread(cut, postgres_url, True)
    await until(lambda: identity._watch.version() is not None, seconds=5)
    await call(identity, issued.text)


async def test_a_revocation_is_seen_even_when_the_watch_was_just_cut(outage):
    database, identity, issued = outage
    async with database.begin() as connection:
        killed = await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT stamps.%'")
        )
        assert killed.rowcount == 1
    await revoke_key(database, issued.id)
    begun = time.monotonic()
    with pytest.raises(Unauthenticated):
        while time.monotonic() < begun + 1:
            await call(identity, issued.text)
            await asyncio.sleep(0.01)
