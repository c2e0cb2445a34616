"""The database's side of limits: balances, and the slots that workers hold.

Every change of a balance happens under a lock on its row, so claims of many workers queue and none sees
another half done. Rows are locked in the order of their names, so no two transactions wait for each other.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from appliance.db import Database
from appliance.errors import Unavailable
from appliance.limits import budget
from appliance.limits.budget import SESSION_SECONDS, Balance, Claim, Grant
from appliance.tables import LimitMeters, LimitSlots, Stamps

STAMP = "limits"
ANSWER_SECONDS = 5
CLAIMS_AT_ONCE = 500  # a transaction stays short, and its statements below SQLite's bound on parameters


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """A database that hangs is one that does not answer."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError as error:
        raise Unavailable(
            "The database did not answer in time. Look at its load and its locks.",
            code="database_unavailable",
        ) from error


class Leases:
    """What one worker says to the database."""

    def __init__(self, database: Database, worker: str, seconds: float) -> None:
        self._database = database
        self._worker = worker
        self._seconds = seconds

    async def exchange(self, claims: Sequence[Claim], now: float) -> list[Grant]:
        """One transaction: reports, returns and grants. No two claims may be of one meter.

        No grants at all mean that rows this worker counts on are gone: slots that were not renewed in time, or
        balances not touched for a month. Then nothing was booked.
        """
        async with answering():
            return await self._database.apart(lambda connection: self._exchange(connection, claims, now))

    def _exchange(self, connection: Connection, claims: Sequence[Claim], now: float) -> list[Grant]:
        ordered = sorted(claims, key=lambda claim: claim.meter)
        balances = self._lock(connection, ordered, now)
        slots = self._slots(connection, ordered, now)
        if slots is None or len(balances) < len(ordered):
            return []
        balances |= slots
        grants = {claim.meter: budget.exchange(balances[claim.meter], claim) for claim in ordered}
        self._save(connection, grants, now)
        self._save_slots(connection, ordered, grants, now)
        return [grants[claim.meter] for claim in claims]

    def _lock(self, connection: Connection, claims: Sequence[Claim], now: float) -> dict[str, Balance]:
        empty = {"window": 0, "taken": 0, "spent": 0, "touched_at": _moment(now)}
        fresh = [{"meter": claim.meter, **empty} for claim in claims if claim.fresh]
        if fresh:
            connection.execute(self._database.insert(LimitMeters).on_conflict_do_nothing(), fresh)
        names = [claim.meter for claim in claims]
        rows = connection.execute(
            select(LimitMeters.meter, LimitMeters.window, LimitMeters.taken, LimitMeters.spent)
            .where(LimitMeters.meter.in_(names))
            .order_by(LimitMeters.meter)
            .with_for_update()
        )
        return {row.meter: Balance(row.window, row.taken, row.spent) for row in rows}

    def _slots(self, connection: Connection, claims: Sequence[Claim], now: float) -> dict[str, Balance] | None:
        """Balances of concurrency: what the others hold, and this worker by its own count if that still holds."""
        held = {claim.meter: claim.held for claim in claims if claim.held is not None}
        if not held:
            return {}
        named = LimitSlots.meter.in_(held)
        rows = connection.execute(select(LimitSlots.__table__).where(named)).all()
        mine = {row.meter for row in rows if row.worker == self._worker}
        if any(claim.booked and claim.meter not in mine for claim in claims):
            return None
        rows = [row for row in rows if row.worker != self._worker]
        expired: set[tuple[str, str]] = set()
        if any(row.expires_at <= _moment(now) for row in rows):
            # Deleted, not only ignored: a worker that is alive after all sees it when it renews. And one that
            # renewed in the meantime keeps them.
            gone = connection.execute(
                delete(LimitSlots)
                .where(named, LimitSlots.worker != self._worker, LimitSlots.expires_at <= _moment(now))
                .returning(LimitSlots.meter, LimitSlots.worker)
            )
            expired = {(row.meter, row.worker) for row in gone}
        taken = Counter(held)
        for row in rows:
            if (row.meter, row.worker) not in expired:
                taken[row.meter] += row.held
        return {meter: Balance(0, units) for meter, units in taken.items()}

    def _save(self, connection: Connection, grants: Mapping[str, Grant], now: float) -> None:
        statement = (
            update(LimitMeters)
            .where(LimitMeters.meter == bindparam("name"))
            .values(window=bindparam("w"), taken=bindparam("t"), spent=bindparam("s"), touched_at=_moment(now))
        )
        balances = {meter: grant.balance for meter, grant in grants.items()}
        connection.execute(
            statement,
            [{"name": name, "w": b.window, "t": b.taken, "s": b.spent} for name, b in balances.items()],
        )

    def _save_slots(
        self, connection: Connection, claims: Sequence[Claim], grants: Mapping[str, Grant], now: float
    ) -> None:
        held = {c.meter: c.held + grants[c.meter].units for c in claims if c.held is not None}
        empty = [meter for meter, slots in held.items() if not slots]
        if empty:
            connection.execute(delete(LimitSlots).where(LimitSlots.meter.in_(empty), LimitSlots.worker == self._worker))
        self._put_slots(connection, {meter: slots for meter, slots in held.items() if slots}, now)

    def _put_slots(self, connection: Connection, held: Mapping[str, int], now: float) -> None:
        if not held:
            return
        expires = _moment(now + self._seconds)
        insert = self._database.insert(LimitSlots)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=[LimitSlots.meter, LimitSlots.worker],
                set_={"held": insert.excluded.held, "expires_at": insert.excluded.expires_at},
            ),
            [
                {"meter": meter, "worker": self._worker, "held": slots, "expires_at": expires}
                for meter, slots in held.items()
            ],
        )

    async def renew(self, now: float) -> int:
        """Keeps this worker's slots for another while; returns how many rows of them there are."""
        statement = (
            update(LimitSlots).where(LimitSlots.worker == self._worker).values(expires_at=_moment(now + self._seconds))
        )
        async with answering():
            return await self._database.apart(lambda connection: connection.execute(statement).rowcount)

    async def replace_slots(self, held: Mapping[str, int], now: float) -> None:
        """States anew what this worker holds, whatever the limits are: these requests run."""

        def replace(connection: Connection) -> None:
            connection.execute(delete(LimitSlots).where(LimitSlots.worker == self._worker))
            self._put_slots(connection, held, now)

        async with answering():
            await self._database.apart(replace)

    async def stamp(self) -> int:
        """Another value than before means that rules have changed."""
        query = select(Stamps.value).where(Stamps.name == STAMP)
        async with answering():
            return await self._database.apart(lambda connection: connection.scalar(query) or 0, reads=True)

    async def prune(self, now: float) -> None:
        """Forgets slots of workers that are gone, and meters that rested for longer than any window lasts."""
        old = _moment(now - SESSION_SECONDS - 86_400)

        def forget(connection: Connection) -> None:
            connection.execute(delete(LimitSlots).where(LimitSlots.expires_at < _moment(now - 60)))
            connection.execute(delete(LimitMeters).where(LimitMeters.touched_at < old))

        async with answering():
            await self._database.apart(forget)


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
