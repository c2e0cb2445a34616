"""Slots of concurrency between workers that may be slower than they think."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from appliance.limits.budget import SESSION_SECONDS, Balance, Claim
from appliance.limits.leases import Leases
from appliance.tables import LimitMeters, LimitSlots
from tests.integration.appliance.workers import NOON, Office, office

METER = "tenant:acme|concurrent"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url) as made:
        yield made


def claim(need: int, held: int = 0, booked: int = 0, *, fresh: bool = True) -> Claim:
    return Claim(METER, 5, 0, need=need, least=need, held=held, booked=booked, fresh=fresh)


async def held(here: Office) -> int:
    async with here.database.read() as connection:
        return int(await connection.scalar(select(func.coalesce(func.sum(LimitSlots.held), 0))) or 0)


async def test_slots_that_were_taken_over_cannot_be_claimed_upon(here: Office) -> None:
    slow, quick = Leases(here.database, "slow", 10), Leases(here.database, "quick", 10)
    assert [grant.units for grant in await slow.exchange([claim(5)], NOON)] == [5]
    assert [grant.units for grant in await quick.exchange([claim(5)], NOON + 9)] == [0]
    assert [grant.units for grant in await quick.exchange([claim(5)], NOON + 10)] == [5]
    assert await slow.exchange([claim(0, held=5, booked=5)], NOON + 9) == []
    assert await slow.renew(NOON + 9) == 0
    assert await held(here) == 5


async def test_slots_that_were_renewed_in_time_cannot_be_taken_over(here: Office) -> None:
    slow, quick = Leases(here.database, "slow", 10), Leases(here.database, "quick", 10)
    await slow.exchange([claim(3)], NOON)
    assert await slow.renew(NOON + 9) == 1
    assert [grant.balance for grant in await quick.exchange([claim(2)], NOON + 15)] == [Balance(0, 5)]


async def test_only_slots_that_expired_are_taken_over(here: Office) -> None:
    dead, alive, new = (Leases(here.database, name, 10) for name in ("dead", "alive", "new"))
    await dead.exchange([claim(2)], NOON)
    await alive.exchange([claim(2)], NOON)
    await alive.renew(NOON + 9)
    assert [grant.units for grant in await new.exchange([claim(3)], NOON + 11)] == [3]
    assert [grant.units for grant in await alive.exchange([claim(1, held=2, booked=2)], NOON + 11)] == [0]
    assert await held(here) == 5


async def test_what_rested_for_long_is_forgotten_and_begun_anew(here: Office) -> None:
    worker = Leases(here.database, "worker", 10)
    await worker.exchange([claim(3)], NOON)
    await worker.prune(NOON + SESSION_SECONDS)
    await worker.exchange([claim(0, held=3, booked=0, fresh=False)], NOON + SESSION_SECONDS)
    await worker.prune(NOON + 3 * SESSION_SECONDS)
    async with here.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(LimitMeters)) == 0
    assert await held(here) == 0
    assert await worker.exchange([claim(1, fresh=False)], NOON + 3 * SESSION_SECONDS) == []
    assert [grant.units for grant in await worker.exchange([claim(1)], NOON + 3 * SESSION_SECONDS)] == [1]


async def test_many_claims_are_one_transaction_each_way(here: Office) -> None:
    worker = Leases(here.database, "worker", 10)
    claims = [Claim(f"key:acme:{n}|tokens_per_minute", 9, 60, need=n, least=n, fresh=True) for n in range(300, 0, -1)]
    grants = await worker.exchange(claims, NOON)
    assert [grant.units for grant in grants] == [claim.need if claim.need < 10 else 0 for claim in claims]
