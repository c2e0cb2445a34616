"""Admission: a request reserves what it may take of every limit, and settles for what it took.

Each worker holds slices of the limits (`purses`) that it leases from the database (`leases`, `treasury`), so
that most requests are admitted without waiting. All arithmetic is in `budget`. What is certain, and how:

* Admissions never charge a window more than its limit, whatever workers do at the same time. Use beyond the
  reservation is charged in full and leaves less for those who follow.
* A worker that crashes loses its slices of requests, tokens and money: about what it would have used in half
  a second and what its running requests had reserved. They count as spent, because they may have been, until
  the window ends. The slots of concurrency that it held are free again after `lease_seconds`.
* A worker that cannot reach the database spends what it holds, for `lease_seconds` at most, then refuses.
* Hosts need clocks that agree to within a small part of `lease_seconds`. Otherwise a window begins earlier
  for one than for another, and slots may be taken from a worker that is alive.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Hashable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from msgspec import Struct

from appliance.db import Database
from appliance.errors import LimitExceeded, Unavailable
from appliance.limits import budget, refusals
from appliance.limits.accounts import Accounts, Caller
from appliance.limits.leases import Leases
from appliance.limits.purses import Account, Purse
from appliance.limits.treasury import Treasury, Wish
from appliance.settings import Limits as LimitSettings
from appliance.settings import Price

REVIEW_SECONDS = 0.1
RULES_SECONDS = 0.5
PRUNE_SECONDS = 600
PAUSE_SECONDS = 0.05
CONTENTION_SECONDS = 5.0  # that a request waits while others take what it asked for

log = logging.getLogger(__name__)


class Estimate(Struct, frozen=True):
    """An upper guess of what a request will take."""

    model: str
    prompt_tokens: int
    completion_tokens: int


class Ticket:
    """A reservation, to be settled once."""

    __slots__ = ("account", "admitted_at", "money", "open", "price", "tokens")

    def __init__(self, account: Account, price: Price | None, tokens: int, money: int, admitted_at: float) -> None:
        self.account = account
        self.price = price
        self.tokens = tokens
        self.money = money
        self.admitted_at = admitted_at
        self.open = True

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Of the limit with the least left, as far as this worker knows."""
        return [
            *self._headers(b"requests", self.account.counts),
            *self._headers(b"tokens", self.account.tokens),
        ]

    def _headers(self, name: bytes, purses: tuple[Purse, ...]) -> Iterator[tuple[bytes, bytes]]:
        if purses:
            purse = purses[0] if len(purses) == 1 else min(purses, key=Purse.remaining)
            yield b"x-ratelimit-limit-" + name, b"%d" % purse.limit
            yield b"x-ratelimit-remaining-" + name, b"%d" % max(purse.remaining(), 0)
            yield b"x-ratelimit-reset-" + name, budget.duration(purse.window.end - self.admitted_at)


class Habits(Struct, frozen=True):
    patience: int = 6  # how often it asks before it refuses, because others may still give back
    accounts: int = 10_000  # how many callers are remembered


class Limits:
    """One for each process."""

    def __init__(
        self,
        database: Database,
        settings: LimitSettings,
        worker: str,
        *,
        clock: Callable[[], float] = time.time,
        habits: Habits = Habits(),  # noqa: B008 -- it is frozen
    ) -> None:
        self._settings = settings
        self._prices = settings.prices
        self._clock = clock
        self._habits = habits
        # A process of the same name may have crashed a moment ago; its slots are not ours.
        self._leases = Leases(database, f"{worker[:40]}.{secrets.token_hex(8)}", settings.lease_seconds)
        self._treasury = Treasury(self._leases, clock, self._forget)
        self._accounts = Accounts(database, settings, self._treasury, clock, habits.accounts)
        self._shared: dict[Hashable, asyncio.Task[None]] = {}
        self._stamp: int | None = None
        self._trusted_until = 0.0
        self._next_refresh = self._next_prune = 0.0
        self._closing = asyncio.Event()
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._refresh()
        self._sweeping = asyncio.create_task(self._sweep_often(), name="limits")

    async def close(self) -> None:
        """Gives back what was not spent."""
        self._closing.set()
        if self._sweeping is not None:
            await self._sweeping
        self._trusted_until = 0.0
        try:
            await self._treasury.close()
        except Unavailable as error:
            log.warning("what this worker held of the limits could not be given back: %s", error)

    async def admit(self, principal: Caller, estimate: Estimate, session: str | None = None) -> Ticket:
        """Reserves on every limit that applies, or on none and raises LimitExceeded or BudgetExceeded."""
        now = self._clock()
        tokens = estimate.prompt_tokens + estimate.completion_tokens
        price = self._prices.get(estimate.model)
        money = 0 if price is None else budget.cost(price, estimate.prompt_tokens, estimate.completion_tokens)
        account = self._known(principal, session, now) or await self._open(principal, session)
        ticket = Ticket(account, price, tokens, money, now)
        if not account.purses or account.reserve(tokens, money):
            return ticket
        try:
            return await self._wait(principal, session, ticket)
        except LimitExceeded as refusal:
            refusal.headers = ticket.headers
            raise

    def settle(self, ticket: Ticket, prompt_tokens: int, completion_tokens: int) -> int:
        """Replaces the reservation by what was used and returns its price. A second call does nothing: 0."""
        if not ticket.open:
            return 0
        ticket.open = False
        prompt_tokens, completion_tokens = max(prompt_tokens, 0), max(completion_tokens, 0)
        money = budget.cost(ticket.price, prompt_tokens, completion_tokens)
        if ticket.account.purses:
            used = (prompt_tokens + completion_tokens, money)
            ticket.account.settle((ticket.tokens, ticket.money), used)
        return money

    async def sweep(self) -> None:
        """What must be done often: learn of changed rules, keep slots, give back what idles."""
        now = self._clock()
        if now >= self._next_refresh:
            await self._refresh()
        await self._treasury.review()
        if now >= self._next_prune:
            self._next_prune = now + PRUNE_SECONDS
            await self._leases.prune(now)

    async def _sweep_often(self) -> None:
        reachable = True
        # Not cancelled but told: a transaction that is cut off leaves units that nobody has.
        while not self._closing.is_set():
            try:
                await self.sweep()
                reachable = True
            except Unavailable as error:
                if reachable:
                    log.warning("limits are not kept up: %s", error)
                reachable = False
            with suppress(TimeoutError):
                async with asyncio.timeout(REVIEW_SECONDS):
                    await self._closing.wait()

    async def _refresh(self) -> None:
        now = self._clock()
        stamp = await self._leases.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._accounts.clear()
            await self._treasury.recall()
        await self._treasury.renew()
        self._trusted_until = now + self._settings.lease_seconds
        self._next_refresh = now + min(RULES_SECONDS, self._settings.lease_seconds / 3)

    async def _wait(self, principal: Caller, session: str | None, ticket: Ticket) -> Ticket:
        account, tokens, money = ticket.account, ticket.tokens, ticket.money
        end = time.monotonic() + CONTENTION_SECONDS
        refused = 0
        while time.monotonic() < end:
            if final := refusals.find_final(account, tokens, money, self._clock()):
                raise final
            wish = Wish(account, tokens, money)
            await self._treasury.fulfil(wish)
            now = self._clock()
            if wish.granted:
                return Ticket(account, ticket.price, tokens, money, now)
            account = self._known(principal, session, now) or await self._open(principal, session)
            if refusal := refusals.find(account, tokens, money, now):
                refused += 1
                if refused == self._habits.patience:
                    raise refusal
                await asyncio.sleep(PAUSE_SECONDS)
        raise refusals.contended()

    def _known(self, principal: Caller, session: str | None, now: float) -> Account | None:
        """The caller's account if that takes no database."""
        return self._accounts.find(principal, session, now) if now < self._trusted_until else None

    async def _open(self, principal: Caller, session: str | None) -> Account:
        """Finds the rules for a caller who was not here lately, after whatever else must be asked first."""
        for _ in range(5):
            if self._clock() >= self._trusted_until:
                await self._once("refresh", self._refresh)
            if account := self._known(principal, session, self._clock()):
                return account
            look_up = partial(self._accounts.look_up, principal)
            await self._once((principal.tenant, principal.user, principal.key), look_up)
        raise Unavailable("The database is too slow to answer for limits. Look at its load, or raise lease_seconds.")

    def _forget(self) -> None:
        """Accounts hold purses that must not be spent from any more."""
        self._accounts.clear()

    async def _once(self, name: Hashable, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Those who come while it runs wait for the same run, and one who leaves does not end it."""
        task = self._shared.get(name)
        if task is None:
            task = self._shared[name] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._done(name, done))
        await asyncio.shield(task)

    def _done(self, name: Hashable, task: asyncio.Task[None]) -> None:
        del self._shared[name]
        # Whoever waited may be gone by now, and then nobody else looks at the error.
        if not task.cancelled():
            task.exception()
