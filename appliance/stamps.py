"""Tells every process within a second that something it holds in memory has changed.

Whoever changes a row that others cache bumps a stamp in the same transaction. Each process reads the stamp
every `POLL_SECONDS`, on PostgreSQL also as soon as NOTIFY wakes it. What was cached under another stamp is
void; and when the stamp could not be read for `TRUST_SECONDS` nothing cached may be used: a broken watch
costs speed, not safety.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.db import Database, translated
from appliance.errors import Unavailable
from appliance.tables import Stamps

POLL_SECONDS = 0.3
TRUST_SECONDS = 0.9
CHANNEL = "ringfence_stamps"

IDENTITY = "identity"  # tenants, users, keys

log = logging.getLogger(__name__)


async def bump(database: Database, connection: AsyncConnection, name: str) -> None:
    """Part of the transaction that makes the change: both are seen, or neither."""
    row = database.insert(Stamps).values(name=name, value=1)
    await connection.execute(row.on_conflict_do_update(index_elements=[Stamps.name], set_={"value": Stamps.value + 1}))
    if not database.is_sqlite:
        await connection.execute(select(func.pg_notify(CHANNEL, name)))


class _Source(Struct):
    read: Callable[[], Awaitable[int]]
    wait: Callable[[], Awaitable[None]]


class Watch:
    """The value of one stamp, as long as it can be believed."""

    def __init__(self, database: Database, name: str) -> None:
        self._value = 0
        self._until = 0.0
        self._database = database
        self._query = select(Stamps.value).where(Stamps.name == name)
        self._task: asyncio.Task[None] | None = None

    def version(self) -> int | None:
        """What may be used is what was cached under this; None: nothing may."""
        return self._value if time.monotonic() < self._until else None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="stamps")

    async def close(self) -> None:
        self._until = 0.0
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        told = False
        while True:
            try:
                async with self._open() as source:
                    while True:
                        await self._read(source)
                        told = False
                        await source.wait()
            except (Unavailable, DBAPIError, self._database.driver_error, TimeoutError) as error:
                if not told:
                    log.warning("stamps cannot be read; caches are off until they can: %s", type(error).__name__)
                told = True
            await asyncio.sleep(POLL_SECONDS)

    async def _read(self, source: _Source) -> None:
        # This answer may miss a change that commits while we ask: trust counts from the question.
        asked = time.monotonic()
        async with asyncio.timeout(TRUST_SECONDS):
            self._value = await source.read()
        self._until = asked + TRUST_SECONDS

    def _open(self) -> AbstractAsyncContextManager[_Source]:
        return self._poll() if self._database.is_sqlite else self._listen()

    @asynccontextmanager
    async def _poll(self) -> AsyncIterator[_Source]:
        # Apart: under load the turns of an asynchronous query would outlast the trust, so that caches went cold just
        # when they are needed most.
        def read(connection: Connection) -> int:
            return connection.scalar(self._query) or 0

        yield _Source(lambda: self._database.apart(read, reads=True), lambda: asyncio.sleep(POLL_SECONDS))

    @asynccontextmanager
    async def _listen(self) -> AsyncIterator[_Source]:
        with translated():
            connection = await self._database.engine.connect()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            # A listening connection cannot go back to the pool; out of it, closing is our business.
            await connection.run_sync(lambda sync: sync.detach())
            await connection.execute(text(f"LISTEN {CHANNEL}"))

            async def read() -> int:
                return await connection.scalar(self._query) or 0

            async def wait() -> None:
                async for _ in driver.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

            yield _Source(read, wait)
        finally:
            try:
                await connection.close()
            finally:
                await driver.close()
