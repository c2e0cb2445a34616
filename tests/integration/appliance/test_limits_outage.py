"""What becomes of requests while the database is away, and after."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from appliance.errors import Unavailable
from appliance.limits import Estimate, Limits
from appliance.settings import Bounds
from appliance.settings import Limits as Settings
from tests.integration.appliance.workers import ACME, Caller, Office, ask, office
from tests.peers.postgres import Postgres

ONE = Estimate("m", 1, 0)

Switch = Callable[[bool], None]


@pytest.fixture
def switch(database_url: str, request: pytest.FixtureRequest) -> Switch:
    """Takes the database away, or brings it back."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or "").parent
        away = folder.with_name("away")

        def move(on: bool) -> None:
            source, target = (away, folder) if on else (folder, away)
            source.rename(target)

        return move
    server: Postgres = request.getfixturevalue("postgres")

    def allow(on: bool) -> None:
        server.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS {on}")
        if not on:
            gone = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'"
            server.execute(gone)

    return allow


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url) as made:
        yield made
        # Threads of the SQLite driver that could not connect still answer to the event loop, a moment later.
        await asyncio.sleep(0.1)


async def cut(here: Office, switch: Switch) -> None:
    switch(False)
    if here.database.is_sqlite:
        await here.database.disconnect()  # an open file would outlive its name


async def spend_some(worker: Limits) -> None:
    for _ in range(20):
        ticket = await ask(worker)
        assert ticket
        worker.settle(ticket, 0, 0)


async def test_what_is_in_hand_is_spent_and_then_requests_are_refused(here: Office, switch: Switch) -> None:
    worker = here.hire(Settings(tenant=Bounds(requests_per_minute=1000, concurrent=10)))
    await spend_some(worker)
    await cut(here, switch)
    admitted = 0
    with pytest.raises(Unavailable, match="database"):
        while True:
            worker.settle(await worker.admit(ACME, ONE), 0, 0)
            admitted += 1
    assert 10 < admitted < 500
    with pytest.raises(Unavailable):
        await worker.admit(Caller("somebody-new"), ONE)
    switch(True)
    await here.rest()
    assert await worker.admit(ACME, ONE)
    assert await worker.admit(Caller("somebody-new"), ONE)


async def test_nothing_is_admitted_when_the_last_word_is_older_than_a_lease(here: Office, switch: Switch) -> None:
    worker = here.hire(Settings(tenant=Bounds(concurrent=10)))
    await spend_some(worker)
    await cut(here, switch)
    here.clock.now += 9
    worker.settle(await worker.admit(ACME, ONE), 0, 0)
    here.clock.now += 2
    with pytest.raises(Unavailable):
        await worker.admit(ACME, ONE)
    switch(True)
    await worker.admit(ACME, ONE)


async def test_closing_without_a_database_ends(here: Office, switch: Switch) -> None:
    worker = here.hire(Settings(tenant=Bounds(requests_per_minute=1000)))
    await worker.start()
    await spend_some(worker)
    await cut(here, switch)
    await worker.close()
    switch(True)


async def test_a_caller_who_leaves_while_it_waits_disturbs_nobody(here: Office) -> None:
    worker = here.hire(Settings(tenant=Bounds(requests_per_minute=50, concurrent=20)))
    asked = [asyncio.create_task(worker.admit(ACME, ONE)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in asked[:10]:
        task.cancel()
    done = await asyncio.gather(*asked, return_exceptions=True)
    tickets = [each for each in done if not isinstance(each, BaseException)]
    assert len(tickets) == 10
    for ticket in tickets:
        worker.settle(ticket, 0, 0)
    await here.rest()
    assert sum([await ask(worker) is not None for _ in range(30)]) == 20
