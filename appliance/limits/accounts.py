"""Whose limits a request counts against: the caller's account, with a purse for each limit that holds for it."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from appliance.db import Database
from appliance.limits.budget import Kind
from appliance.limits.leases import answering
from appliance.limits.purses import Account, Subject
from appliance.limits.rules import applied, list_rules, subject
from appliance.limits.treasury import Treasury
from appliance.settings import Bounds, Limits

Key = tuple[str, str | None, str | None, str | None]
"""Tenant, user, key and the digest of a session."""


class Caller(Protocol):
    """What limits need of a `Principal`."""

    @property
    def tenant(self) -> str: ...
    @property
    def user(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...


class Accounts:
    """Those that were asked for lately."""

    def __init__(
        self, database: Database, settings: Limits, treasury: Treasury, clock: Callable[[], float], most: int
    ) -> None:
        self._database = database
        self._settings = settings
        self._treasury = treasury
        self._clock = clock
        self._most = most
        self._known: OrderedDict[Key, Account] = OrderedDict()
        self._generation = 0

    def clear(self) -> None:
        """Rules have changed, or purses may not be spent from any more."""
        self._generation += 1
        self._known.clear()

    async def look_up(self, principal: Caller) -> None:
        """Reads the rules that hold for the caller."""
        tenant, user, key = principal.tenant, principal.user, principal.key
        defaults = {subject(tenant): self._settings.tenant}
        if user is not None:
            defaults[subject(tenant, user=user)] = self._settings.user
        if key is not None:
            defaults[subject(tenant, key=key)] = self._settings.key
        generation = self._generation
        async with answering():
            rules = await list_rules(self._database, [who.id for who in defaults])
        # Rules that changed while we read them may be half old.
        if generation == self._generation:
            bounds = applied(defaults, rules)
            self._keep((tenant, user, key, None), self._account(bounds, None, self._clock()))

    def find(self, principal: Caller, session: str | None, now: float) -> Account | None:
        """What was looked up before."""
        key = (principal.tenant, principal.user, principal.key, None)
        account = self._known.get(key)
        if account is None:
            return None
        self._known.move_to_end(key)
        if session is not None and account.by_session:
            return self._of_session(account, (*key[:3], _digest(session)), now)
        if account.until <= now:
            account = self._known[key] = self._account(account.bounds, None, now)
        return account

    def _of_session(self, whole: Account, key: tuple[str, str | None, str | None, str], now: float) -> Account:
        account = self._known.get(key)
        if account is None or account.until <= now:
            account = self._account(whole.bounds, key[-1], now)
            self._keep(key, account)
        self._known.move_to_end(key)
        return account

    def _account(self, bounds: tuple[tuple[Subject, Bounds], ...], session: str | None, now: float) -> Account:
        purses = []
        for who, bound in bounds:
            for kind in Kind:
                limit = getattr(bound, kind)
                if not limit or (kind is Kind.SESSION and session is None):
                    continue
                meter = f"{who.id}|{kind}" if kind is not Kind.SESSION else f"{who.id}|{kind}|{session}"
                purses.append(self._treasury.purse(meter, who, kind, limit, now))
        return Account(bounds, purses)

    def _keep(self, key: Key, account: Account) -> None:
        self._known[key] = account
        # What an account that is dropped here has in its purses comes back by the next reviews.
        while len(self._known) > self._most:
            self._known.popitem(last=False)


def _digest(session: str) -> str:
    # Callers choose these names: they may be long, and they may be personal.
    return hashlib.blake2b(session.encode(errors="replace"), digest_size=16).hexdigest()
