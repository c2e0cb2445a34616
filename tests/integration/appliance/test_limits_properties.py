"""Whatever workers do, and whenever they crash: no limit is ever exceeded."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from appliance.limits import Limits, Ticket
from appliance.limits.budget import Kind
from appliance.settings import Bounds, Price
from appliance.settings import Limits as Settings
from tests.integration.appliance.workers import Clock, Office, ask, office

T = TypeVar("T")

WORKERS = 3
REQUESTS, TOKENS, CONCURRENT, DAY, SESSION = 8, 60, 4, 150, 40
LEASE = 9.0
SKEW = 0.8
ALL = {
    "requests_per_minute": REQUESTS,
    "tokens_per_minute": TOKENS,
    "concurrent": CONCURRENT,
    "money_per_day": DAY,
    "money_per_session": SESSION,
}


class Skewed(Clock):
    """The clock of a host that is a little ahead of the others."""

    def __init__(self, true: Clock, ahead: float) -> None:
        self.true = true
        self.ahead = ahead

    def __call__(self) -> float:
        return self.true() + self.ahead


class Spenders(RuleBasedStateMachine):
    """Keeps its own account of what was admitted, by the windows that tickets name.

    Which of several requests at once are admitted is for the workers' race to decide: so nothing that
    hypothesis draws depends on it.
    """

    def __init__(self, database: AbstractContextManager[str]) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.office: Office = self.run(self.stack.enter_async_context(office(self.stack.enter_context(database))))
        self.bounds = Bounds()
        self.workers: list[Limits] = []
        self.requests: Counter[int] = Counter()
        self.tokens: Counter[int] = Counter()
        self.money: Counter[int] = Counter()
        self.sessions: Counter[str] = Counter()
        self.running: dict[Ticket, tuple[Limits, str | None]] = {}
        self.orphans: list[float] = []  # until when slots of crashed workers are surely held

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(
        kinds=st.one_of(st.just(set(ALL)), st.sets(st.sampled_from(sorted(ALL)), min_size=1, max_size=1)),
        skews=st.lists(st.sampled_from([0.0, SKEW]), min_size=WORKERS, max_size=WORKERS),
    )
    def hire(self, kinds: set[str], skews: list[float]) -> None:
        self.bounds = Bounds(**{kind: ALL[kind] for kind in kinds})
        self.workers = [self.new_worker(skew) for skew in skews]

    def new_worker(self, skew: float = 0.0) -> Limits:
        settings = Settings(tenant=self.bounds, prices={"m": Price(prompt=1000)}, lease_seconds=LEASE)
        return self.office.hire(settings, clock=Skewed(self.office.clock, skew))

    @rule(
        which=st.lists(st.integers(0, WORKERS - 1), min_size=1, max_size=6),
        tokens=st.integers(0, 30),
        session=st.sampled_from([None, "a", "b"]),
    )
    def admit(self, which: list[int], tokens: int, session: str | None) -> None:
        """Several requests at once, at several workers."""
        workers = [self.workers[each] for each in which]

        async def all_at_once() -> list[Ticket | None]:
            return await asyncio.gather(*(ask(worker, tokens, session=session) for worker in workers))

        tickets = self.run(all_at_once())
        admitted = [(ticket, worker) for ticket, worker in zip(tickets, workers, strict=True) if ticket]
        for ticket, worker in admitted:
            for purse in ticket.account.purses:
                assert purse.window.start - SKEW <= self.office.clock.now < purse.window.end
            for purse in ticket.account.counts:
                self.requests[purse.window.start] += 1
            self.charge(ticket, session, tokens)
            self.running[ticket] = worker, session

    def charge(self, ticket: Ticket, session: str | None, tokens: int) -> None:
        for purse in ticket.account.tokens:
            self.tokens[purse.window.start] += tokens
        for purse in ticket.account.money:
            if purse.kind is Kind.DAY:
                self.money[purse.window.start] += tokens
            else:
                self.sessions[session or ""] += tokens

    @rule(which=st.integers(0, 9), part=st.floats(0, 1))
    def settle(self, which: int, part: float) -> None:
        if not self.running:
            return
        ticket = list(self.running)[which % len(self.running)]
        worker, session = self.running.pop(ticket)
        used = int(ticket.tokens * part)
        assert worker.settle(ticket, used, 0) == used
        assert worker.settle(ticket, used, 0) == 0
        self.charge(ticket, session, used - ticket.tokens)

    @rule(which=st.integers(0, WORKERS - 1))
    def crash(self, which: int) -> None:
        worker = self.workers[which]
        self.office.crash(worker)
        cut = [ticket for ticket, (by, _) in self.running.items() if by is worker]
        for ticket in cut:
            del self.running[ticket]
        # At the latest a step of `wait` ago, by a clock at most a second off, they were renewed.
        self.orphans += [self.office.clock.now + LEASE * 2 / 3 - 1] * len(cut)
        self.workers[which] = self.new_worker()

    @rule(which=st.integers(0, WORKERS - 1))
    def close(self, which: int) -> None:
        worker = self.workers[which]
        if not any(by is worker for by, _ in self.running.values()):
            self.office.crash(worker)
            self.run(worker.close())
            self.workers[which] = self.new_worker()

    @rule(seconds=st.sampled_from([0.1, 0.3, 1.0, 10.0, 35.0]))
    def wait(self, seconds: float) -> None:
        """Living workers keep their slots, as they do three times in each lease."""
        steps = int(seconds / (LEASE / 3)) + 1
        for _ in range(steps):
            self.office.clock.now += seconds / steps
            self.run(self.office.sweep())

    @rule()
    def wait_until_a_minute_is_nearly_over(self) -> None:
        self.wait(59.5 - self.office.clock.now % 60 if self.office.clock.now % 60 < 59.5 else 0.2)

    @rule()
    def sleep_until_midnight(self) -> None:
        if not self.running:
            self.office.clock.now += 86_399.5 - self.office.clock.now % 86_400

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        assert max(self.requests.values(), default=0) <= REQUESTS
        assert max(self.tokens.values(), default=0) <= TOKENS
        assert max(self.money.values(), default=0) <= DAY
        assert max(self.sessions.values(), default=0) <= SESSION
        if self.bounds.concurrent:
            orphans = sum(expiry > self.office.clock.now for expiry in self.orphans)
            assert len(self.running) + orphans <= CONCURRENT

    def teardown(self) -> None:
        try:
            self.run(self.all_is_free_again())
        finally:
            self.run(self.stack.aclose())
            self.runner.close()

    async def all_is_free_again(self) -> None:
        """Nothing is lost for ever: when all requests have ended, a new day has all its units for one worker."""
        for ticket, (worker, _) in self.running.items():
            worker.settle(ticket, 0, 0)
        # Not the next day: a clock that is ahead may have begun that one.
        self.office.clock.now += 2 * 86_400 - self.office.clock.now % 86_400
        for _ in range(10):
            await self.office.sweep()
            self.office.clock.now += LEASE / 3
        worker = self.new_worker()
        admitted = [await ask(worker, 1, session="new") is not None for _ in range(70)]
        assert sum(admitted) == min(self.bounds.concurrent or 70, self.capacity())

    def capacity(self) -> int:
        """How many requests of one token and micro-unit a day's first minute of a new session has room for."""
        bounds = self.bounds
        units = (bounds.requests_per_minute, bounds.tokens_per_minute, bounds.money_per_day)
        return min(limit or 70 for limit in (*units, bounds.money_per_session))


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite+aiosqlite:///{Path(folder) / 'limits.db'}"


def often(times: int) -> settings:
    return settings(max_examples=times, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


def test_no_limit_is_exceeded_on_sqlite() -> None:
    run_state_machine_as_test(lambda: Spenders(sqlite()), settings=often(20))


def test_no_limit_is_exceeded_on_postgres(postgres: Any) -> None:
    run_state_machine_as_test(lambda: Spenders(postgres.database()), settings=often(5))
