"""The purses of this worker: filled from the database for requests that wait, and reviewed often."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from appliance.limits import budget
from appliance.limits.budget import Claim, Grant, Kind, Window
from appliance.limits.leases import CLAIMS_AT_ONCE, Leases
from appliance.limits.purses import Account, Purse, Subject

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Wish:
    """What a request that waits is to reserve."""

    account: Account
    tokens: int
    money: int
    granted: bool = False
    withdrawn: bool = False

    def grant(self, now: float) -> None:
        if not self.withdrawn and now < self.account.until:
            self.granted = self.account.reserve(self.tokens, self.money)

    def withdraw(self) -> None:
        self.withdrawn = True
        if self.granted:
            self.account.settle((self.tokens, self.money), (0, 0))


class Treasury:
    """`moved` is called when purses that accounts still hold must not be spent from any more."""

    def __init__(self, leases: Leases, clock: Callable[[], float], moved: Callable[[], None]) -> None:
        self._leases = leases
        self._clock = clock
        self._moved = moved
        self._purses: WeakValueDictionary[str, Purse] = WeakValueDictionary()
        self._active: set[Purse] = set()  # those in which something is, or comes back to
        self._asking: set[Purse] = set()
        self._wishes: list[Wish] = []
        self._round: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._in_doubt = False

    def purse(self, meter: str, subject: Subject, kind: Kind, limit: int, now: float) -> Purse:
        """The one for the present window; all accounts share it."""
        purse = self._purses.get(meter)
        if purse is None or purse.window.end <= now:
            purse = self._begin(meter, subject, kind, budget.window(kind, now), purse.pace if purse else 0)
        purse.limit = limit
        return purse

    def _begin(self, meter: str, subject: Subject, kind: Kind, window: Window, pace: int) -> Purse:
        purse = Purse(meter, subject, kind, window)
        purse.pace = pace
        self._purses[meter] = purse
        return purse

    async def fulfil(self, wish: Wish) -> None:
        """Claims what is missing for it. Requests that wait share a transaction, and none can break it off."""
        for purse, amount in wish.account.amounts(wish.tokens, wish.money):
            if purse.free < amount:
                purse.ask(amount)
                self._asking.add(purse)
        self._wishes.append(wish)
        if self._round is None:
            self._round = asyncio.create_task(self._serve())
            self._round.add_done_callback(_retrieve)
        try:
            await asyncio.shield(self._round)
        except asyncio.CancelledError:
            wish.withdraw()
            raise

    async def _serve(self) -> None:
        async with self._lock:
            # Who asks from now on waits for the next round.
            self._round = None
            asking, self._asking = self._asking, set()
            wishes, self._wishes = self._wishes, []
            await self._mend()
            await self._exchange({purse: purse.claim() for purse in asking})
        # At once, before requests that did not wait can take what was claimed for these.
        for wish in wishes:
            wish.grant(self._clock())

    async def review(self) -> None:
        """Gives back what this worker does not use and tops up what it does."""
        async with self._lock:
            await self._mend()
            now = self._clock()
            claims: dict[Purse, Claim] = {}
            for purse in tuple(self._active):
                if purse.window.end <= now or purse.is_idle():
                    self._active.discard(purse)
                elif claim := purse.review():
                    claims[purse] = claim
            await self._exchange(claims)

    async def recall(self) -> None:
        """Gives back everything that no running request has reserved."""
        async with self._lock:
            await self._mend()
            await self._exchange({purse: purse.claim(max(purse.free, 0), ahead=False) for purse in self._active})

    async def _exchange(self, claims: dict[Purse, Claim]) -> None:
        purses = list(claims)
        for start in range(0, len(purses), CLAIMS_AT_ONCE):
            part = purses[start : start + CLAIMS_AT_ONCE]
            await self._exchange_part({purse: claims[purse] for purse in part})

    async def _exchange_part(self, claims: dict[Purse, Claim]) -> None:
        self._active.update(claims)
        grants: list[Grant] = []
        try:
            grants = await self._leases.exchange(list(claims.values()), self._clock())
        finally:
            # What is lost is mended before the next exchange; those who wait ask again.
            if not grants:
                self._in_doubt = True
                for purse, claim in claims.items():
                    purse.fail(claim)
        for purse, grant in zip(claims, grants, strict=bool(grants)):
            self._receive(purse, grant)

    def _receive(self, purse: Purse, grant: Grant) -> None:
        if grant.balance.window != purse.window.start:
            # Another worker's clock is ahead, and so is the meter. What comes back to the old purse is void.
            window = budget.window(purse.kind, grant.balance.window)
            self._active.discard(purse)
            limit = purse.limit
            purse = self._begin(purse.meter, purse.subject, purse.kind, window, purse.pace)
            purse.limit = limit
            self._active.add(purse)
            self._moved()
        purse.receive(grant)

    async def renew(self) -> None:
        """Keeps the slots of concurrency, or finds that they were taken away."""
        async with self._lock:
            held = sum(1 for purse in self._active if purse.kind is Kind.CONCURRENT and purse.held)
            if held and await self._leases.renew(self._clock()) != held:
                self._in_doubt = True
            await self._mend()

    async def _mend(self) -> None:
        """When the database may not agree on the slots held, only those of running requests are kept."""
        if not self._in_doubt:
            return
        slots = [purse for purse in self._active if purse.kind is Kind.CONCURRENT]
        for purse in slots:
            purse.forfeit()
        running = {purse.meter: purse.reserved for purse in slots if purse.reserved}
        await self._leases.replace_slots(running, self._clock())
        self._in_doubt = False

    async def close(self) -> None:
        if self._round is not None:
            await asyncio.wait([self._round])
        await self.recall()
        async with self._lock:
            await self._leases.replace_slots({}, self._clock())


def _retrieve(task: asyncio.Task[None]) -> None:
    # Whoever waited may be gone by now, and then nobody else looks at the error.
    if not task.cancelled():
        task.exception()
