"""What limits promise, on every database."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from appliance.errors import BudgetExceeded, LimitExceeded
from appliance.limits import Estimate
from appliance.limits.budget import Kind
from appliance.limits.rules import Rule, list_rules, put_rule, remove_rule, subject
from appliance.settings import Bounds, Price
from appliance.settings import Limits as Settings
from tests.integration.appliance.workers import ACME, Caller, Office, ask, count, office

PRICES = {"m": Price(prompt=1000, completion=1000)}  # a micro-unit a token
DAY = 86_400


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Office]:
    async with office(database_url) as made:
        yield made


def settings(**bounds: int) -> Settings:
    return Settings(tenant=Bounds(**bounds), prices=PRICES)


async def test_requests_of_a_minute_are_shared_by_workers(here: Office) -> None:
    workers = [here.hire(settings(requests_per_minute=10)) for _ in range(4)]
    admitted = 0
    for _ in range(10):
        admitted += sum([await ask(worker) is not None for worker in workers])
        await here.rest()
    assert admitted == 10
    here.clock.now += 60
    assert await count(workers[3]) == 10


async def test_a_refusal_says_how_long_to_wait(here: Office) -> None:
    worker = here.hire(settings(requests_per_minute=1))
    here.clock.now += 18
    await worker.admit(ACME, Estimate("m", 1, 1))
    with pytest.raises(LimitExceeded, match=r"^The tenant acme is limited to 1 requests per minute; .* raise") as error:
        await worker.admit(ACME, Estimate("m", 1, 1))
    assert error.value.retry_after == 42
    assert not isinstance(error.value, BudgetExceeded)


async def test_nothing_is_taken_from_any_limit_when_one_refuses(here: Office) -> None:
    worker = here.hire(settings(requests_per_minute=5, tokens_per_minute=100, concurrent=2))
    ticket = await ask(worker, 60)
    assert ticket
    assert await ask(worker, 60) is None
    worker.settle(ticket, 60, 0)
    await here.rest()
    assert await count(worker, 10) == 2  # at once
    await here.rest()
    assert dict(ticket.headers)[b"x-ratelimit-remaining-requests"] == b"2"


async def test_a_ticket_replaces_its_guess_by_what_was_used(here: Office) -> None:
    worker = here.hire(settings(tokens_per_minute=100, money_per_day=100))
    ticket = await worker.admit(ACME, Estimate("m", 50, 50))
    assert await ask(worker, 1) is None
    assert worker.settle(ticket, 20, 10) == 30
    assert worker.settle(ticket, 20, 10) == 0
    await here.rest()
    assert await count(worker, 1) == 70


async def test_a_ticket_that_came_to_nothing_costs_nothing(here: Office) -> None:
    worker = here.hire(settings(tokens_per_minute=100, concurrent=1, money_per_month=100))
    for _ in range(5):
        ticket = await worker.admit(ACME, Estimate("m", 50, 50))
        assert worker.settle(ticket, 0, 0) == 0


async def test_use_beyond_the_guess_is_charged(here: Office) -> None:
    workers = [here.hire(settings(tokens_per_minute=100)) for _ in range(2)]
    ticket = await workers[0].admit(ACME, Estimate("m", 10, 0))
    workers[0].settle(ticket, 10, 60)
    await here.rest()
    assert await count(workers[1], 1) == 30


async def test_a_request_larger_than_its_limit_is_never_worth_a_retry(here: Office) -> None:
    worker = here.hire(settings(tokens_per_minute=100))
    with pytest.raises(BudgetExceeded, match="this request alone may take 101") as error:
        await worker.admit(ACME, Estimate("m", 100, 1))
    assert error.value.code == "rate_limit_exceeded"


async def test_money_that_is_spent_comes_back_with_the_next_day(here: Office) -> None:
    worker = here.hire(settings(money_per_day=100))
    ticket = await worker.admit(ACME, Estimate("m", 60, 0))
    with pytest.raises(LimitExceeded, match="running requests hold") as held:
        await worker.admit(ACME, Estimate("m", 60, 0))
    assert not isinstance(held.value, BudgetExceeded)
    assert held.value.retry_after == 1
    worker.settle(ticket, 60, 0)
    with pytest.raises(BudgetExceeded, match="money per day") as spent:
        await worker.admit(ACME, Estimate("m", 60, 0))
    assert spent.value.code == "insufficient_quota"
    assert spent.value.retry_after == DAY - here.clock.now % DAY
    here.clock.now += DAY
    assert await ask(worker, 60)


async def test_money_of_a_month_outlasts_the_day(here: Office) -> None:
    worker = here.hire(settings(money_per_month=100))
    worker.settle(await worker.admit(ACME, Estimate("m", 100, 0)), 100, 0)
    here.clock.now += DAY
    assert await ask(worker, 1) is None
    here.clock.now += 31 * DAY
    assert await ask(worker, 100)


async def test_models_without_a_price_are_free(here: Office) -> None:
    worker = here.hire(settings(money_per_day=1))
    ticket = await ask(worker, 1000, model="free")
    assert ticket
    assert worker.settle(ticket, 1000, 1000) == 0


async def test_each_session_has_money_of_its_own(here: Office) -> None:
    worker = here.hire(settings(money_per_session=10))
    assert await count(worker, 1, session="a") == 10
    assert await count(worker, 5, session="b") == 2
    assert await ask(worker, 1000)  # outside any session


async def test_every_subject_has_limits_of_its_own(here: Office) -> None:
    bounds = Settings(
        tenant=Bounds(requests_per_minute=5), user=Bounds(requests_per_minute=3), key=Bounds(requests_per_minute=2)
    )
    worker = here.hire(bounds)

    async def admitted(user: str | None, key: str | None) -> int:
        caller = Caller("acme", user, key)
        return sum([await ask(worker, caller=caller) is not None for _ in range(9)])

    assert [await admitted("ann", "k1"), await admitted("ann", "k2"), await admitted("bob", "k3")] == [2, 1, 2]
    assert await admitted(None, None) == 0
    assert await ask(worker, caller=Caller("other", "ann", "k9"))


async def test_requests_at_once_are_counted_over_all_workers(here: Office) -> None:
    workers = [here.hire(settings(concurrent=3)) for _ in range(2)]
    tickets = [await ask(workers[0]), await ask(workers[1]), await ask(workers[0])]
    assert await ask(workers[1]) is None
    assert tickets[0]
    workers[0].settle(tickets[0], 1, 1)
    await here.rest()
    assert await ask(workers[1])
    assert await ask(workers[0]) is None


async def test_who_waits_for_a_lease_loses_no_race_far_from_the_limit(here: Office) -> None:
    worker = here.hire(Settings(tenant=Bounds(requests_per_minute=100_000, concurrent=5000)))

    async def call_often(first: int) -> None:
        await asyncio.sleep(0.001 * (first % 97))
        for number in range(first, first + 12):
            ticket = await worker.admit(ACME, Estimate("m", 1, 0))  # not refused
            await asyncio.sleep(0.003 * (number % 17))
            worker.settle(ticket, 1, 0)

    await asyncio.gather(*(call_often(first) for first in range(300)))


async def test_slots_of_a_crashed_worker_fall_free(here: Office) -> None:
    first, second = (here.hire(settings(concurrent=2)) for _ in range(2))
    assert await count(first) == 2
    for _ in range(3 * 10):
        here.clock.now += 1
        await here.sweep()
    assert await ask(second) is None
    here.crash(first)
    here.clock.now += 9
    assert await ask(second) is None
    here.clock.now += 2
    assert await count(second) == 2


async def test_a_worker_that_slept_past_its_slots_counts_its_requests_again(here: Office) -> None:
    sleeper, other = (here.hire(settings(concurrent=2)) for _ in range(2))
    running = await ask(sleeper)
    assert running
    here.clock.now += 20
    assert await count(other) == 2
    assert await ask(sleeper) is None
    # The request that slept still runs: one more than the limit, and so no other until two have ended.
    here.workers.remove(other)
    here.clock.now += 5
    await sleeper.sweep()
    here.clock.now += 6
    assert await count(sleeper) == 1


async def test_what_a_crashed_worker_had_of_a_budget_counts_as_spent(here: Office) -> None:
    first, second = (here.hire(settings(money_per_day=100)) for _ in range(2))
    assert await ask(first, 60)
    here.crash(first)
    here.clock.now += 60
    assert await count(second, 1) == 40


async def test_closing_gives_everything_back(here: Office) -> None:
    bounds = settings(requests_per_minute=1000, concurrent=10, money_per_day=10_000)
    first, second = here.hire(bounds), here.hire(bounds)
    for _ in range(100):
        ticket = await ask(first, 1)
        assert ticket
        first.settle(ticket, 1, 0)
    await first.close()
    tickets = [await ask(second, 90) for _ in range(10)]
    assert all(tickets)
    assert dict((tickets[9] or pytest.fail()).headers)[b"x-ratelimit-remaining-requests"] == b"890"
    assert await ask(second, 1) is None


async def test_a_forgotten_caller_gives_back_too(here: Office) -> None:
    small = here.hire(settings(requests_per_minute=100, concurrent=1), accounts=1)
    other = here.hire(settings(requests_per_minute=100, concurrent=1))
    ticket = await ask(small)
    assert ticket
    assert await ask(small, caller=Caller("another"))
    small.settle(ticket, 1, 1)
    await here.rest()
    assert await ask(other)


async def test_headers_are_of_the_limit_with_the_least_left(here: Office) -> None:
    bounds = Settings(tenant=Bounds(requests_per_minute=100, tokens_per_minute=1000), key=Bounds(requests_per_minute=3))
    worker = here.hire(bounds)
    here.clock.now += 12.5
    ticket = await ask(worker, 40, caller=Caller(key="k"))
    assert ticket
    assert ticket.headers == [
        (b"x-ratelimit-limit-requests", b"3"),
        (b"x-ratelimit-remaining-requests", b"2"),
        (b"x-ratelimit-reset-requests", b"48s"),
        (b"x-ratelimit-limit-tokens", b"1000"),
        (b"x-ratelimit-remaining-tokens", b"960"),
        (b"x-ratelimit-reset-tokens", b"48s"),
    ]
    unlimited = await ask(here.hire(Settings()), 40)
    assert unlimited
    assert unlimited.headers == []


async def test_a_rule_replaces_the_default_within_a_second(here: Office) -> None:
    worker = here.hire(settings(requests_per_minute=100, concurrent=50))
    assert await ask(worker)
    rule = Rule(subject("acme").id, Kind.REQUESTS, 3)
    await put_rule(here.database, rule)
    await here.rest()
    assert await count(worker) == 2
    assert await list_rules(here.database) == [rule]
    assert await remove_rule(here.database, rule.subject, rule.kind)
    assert not await remove_rule(here.database, rule.subject, rule.kind)
    await here.rest()
    assert await count(worker) == 47  # concurrent by now


async def test_a_rule_reaches_units_that_workers_hold(here: Office) -> None:
    worker = here.hire(settings(requests_per_minute=1000))
    for _ in range(50):
        assert await ask(worker)
    await put_rule(here.database, Rule(subject("acme").id, Kind.REQUESTS, 51))
    await here.rest()
    assert await count(worker) == 1


async def test_clocks_that_disagree_charge_the_same_minute(here: Office) -> None:
    early, late = (here.hire(settings(tokens_per_minute=100)) for _ in range(2))
    here.clock.now += 61
    assert await ask(early, 10)
    here.clock.now -= 2
    ticket = await ask(late, 60)
    assert ticket
    assert await ask(late, 40) is None
    late.settle(ticket, 0, 0)
    await here.rest()
    here.clock.now += 2
    assert await count(early, 10) == 9
