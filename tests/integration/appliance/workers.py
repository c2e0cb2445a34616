"""Several workers on one database, with a clock that only moves when a test moves it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from msgspec import Struct

from appliance.db import Database
from appliance.errors import LimitExceeded
from appliance.limits.admission import Estimate, Habits, Limits, Ticket
from appliance.settings import Limits as Settings
from appliance.tables import LimitMeters, LimitRules, LimitSlots, Stamps, Table

TABLES = [Table.metadata.tables[each.__tablename__] for each in (LimitRules, LimitMeters, LimitSlots, Stamps)]
NOON = 1_800_014_400.0  # the beginning of a minute, in the middle of a UTC day and of a month


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Caller(Struct, frozen=True):
    tenant: str = "acme"
    user: str | None = None
    key: str | None = None


ACME = Caller()


class Office:
    """Makes workers, and can let the time pass for all of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.workers: list[Limits] = []

    def hire(self, settings: Settings, *, clock: Clock | None = None, accounts: int = 10_000) -> Limits:
        habits = Habits(patience=1, accounts=accounts)
        worker = Limits(self.database, settings, "worker", clock=clock or self.clock, habits=habits)
        self.workers.append(worker)
        return worker

    def crash(self, worker: Limits) -> None:
        """Nothing that it holds in memory is written any more."""
        self.workers.remove(worker)

    async def sweep(self) -> None:
        for worker in self.workers:
            await worker.sweep()

    async def rest(self) -> None:
        """A second without requests."""
        for _ in range(10):
            self.clock.now += 0.1
            await self.sweep()


@asynccontextmanager
async def office(database_url: str) -> AsyncIterator[Office]:
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(partial(Table.metadata.create_all, tables=TABLES))
    try:
        yield Office(database)
    finally:
        await asyncio.shield(database.close())


async def ask(
    worker: Limits, tokens: int = 0, *, model: str = "m", caller: Caller = ACME, session: str | None = None
) -> Ticket | None:
    """None when a limit refuses it."""
    try:
        return await worker.admit(caller, Estimate(model, tokens, 0), session)
    except LimitExceeded:
        return None


async def count(worker: Limits, tokens: int = 0, *, session: str | None = None) -> int:
    """How many requests are admitted until one is refused."""
    admitted = 0
    while await ask(worker, tokens, session=session):
        admitted += 1
    return admitted
