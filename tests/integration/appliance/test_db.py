import asyncio
import stat
import threading
import time

import pytest
from sqlalchemy import func, insert, select

from appliance.db import Database, open_database
from appliance.errors import ConfigError, Unavailable
from appliance.settings import DatabaseSettings, Paths, Settings
from appliance.tables import Stamps


async def count(connection):
    return await connection.scalar(select(func.count()).select_from(Stamps))


async def test_a_transaction_is_whole_or_nothing(database):
    async with database.read() as connection:
        before = await count(connection)
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as connection:
            await connection.execute(insert(Stamps).values(name="x", value=1))
            raise ZeroDivisionError
    async with database.read() as connection:
        assert await count(connection) == before


async def test_a_row_is_added_once(database):
    async with database.begin() as connection:
        assert await database.add(connection, Stamps, name="x", value=1)
        assert not await database.add(connection, Stamps, name="x", value=2)
        assert await connection.scalar(select(Stamps.value).where(Stamps.name == "x")) == 1


async def test_many_who_read_and_then_write_do_not_lose_a_count(database, database_url):
    async with database.begin() as connection:
        await database.add(connection, Stamps, name="x", value=0)

    async def raise_by_one(own):
        async with own.begin() as connection:
            await own.lock(connection, 7)
            value = await connection.scalar(select(Stamps.value).where(Stamps.name == "x"))
            await connection.execute(Stamps.__table__.update().where(Stamps.name == "x").values(value=value + 1))

    others = [Database(database_url) for _ in range(3)]
    await asyncio.gather(*(raise_by_one(own) for own in others for _ in range(10)))
    async with database.read() as connection:
        assert await connection.scalar(select(Stamps.value).where(Stamps.name == "x")) == 30
    for own in others:
        await own.close()


async def test_who_reads_does_not_wait_for_who_writes(database):
    async with database.begin() as writing:
        await database.add(writing, Stamps, name="x", value=1)
        begun = time.monotonic()
        async with database.read() as reading:
            assert await reading.scalar(select(Stamps.value).where(Stamps.name == "x")) is None
        assert time.monotonic() - begun < 2


async def test_the_embedded_database_is_for_its_owner_alone(tmp_path):
    opened = open_database(Settings(paths=Paths(var=tmp_path / "var")))
    async with opened.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE x (y INTEGER)")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "var").iterdir()}
    assert modes == dict.fromkeys(("ringfence.db", "ringfence.db-shm", "ringfence.db-wal"), 0o600)
    await opened.close()


async def test_a_database_that_is_not_there(tmp_path):
    for url in (
        f"postgresql+psycopg://nobody@/none?host={tmp_path}",
        f"sqlite+aiosqlite:///{tmp_path / 'none' / 'x.db'}",
    ):
        database = open_database(Settings(database=DatabaseSettings(url=url)))
        for transaction in (database.begin, database.read):
            with pytest.raises(Unavailable, match=r"database\.url") as caught:
                async with transaction():
                    pass
            assert str(tmp_path) not in caught.value.message
        await database.close()
    # aiosqlite ends the thread of a failed connection later; it must still find the loop.
    for thread in threading.enumerate():
        if "_connection_worker" in thread.name:
            await asyncio.to_thread(thread.join)


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "postgresql://host/name", "sqlite:///file"])
def test_an_url_that_cannot_be_used(url):
    with pytest.raises(ConfigError, match=r"postgresql\+psycopg"):
        Database(url)
