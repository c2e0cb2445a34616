"""Limits of single subjects, which replace the defaults of the settings. A change is seen within a second."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, convert, structs
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance import stamps
from appliance.db import Database
from appliance.errors import InvalidRequest
from appliance.limits.budget import Kind
from appliance.limits.leases import STAMP
from appliance.limits.purses import Subject
from appliance.settings import Bounds
from appliance.tables import LimitRules

AMOUNT_MAX = 10**15  # sums of it still fit the database's integers


class Rule(Struct, frozen=True):
    subject: str
    kind: Kind
    amount: int  # 0 is unlimited


class Owner(Struct, frozen=True):
    """Whose a limit is: the tenant's itself, or that of one of its users or keys."""

    tenant: str
    user: str | None = None
    key: str | None = None

    @property
    def subject(self) -> Subject:
        return subject(self.tenant, user=self.user, key=self.key)


def subject(tenant: str, *, user: str | None = None, key: str | None = None) -> Subject:
    """The tenant itself, or one of its users, or one of its keys."""
    if key is not None:
        return Subject(f"key:{tenant}:{key}", f"key {key}")
    if user is not None:
        return Subject(f"user:{tenant}:{user}", f"user {user}")
    return Subject(f"tenant:{tenant}", f"tenant {tenant}")


def owner(subject: str) -> Owner:
    """The inverse of `subject`; a tenant's name has no colon."""
    level, tenant, *name = subject.split(":", 2)
    return Owner(tenant, **{level: name[0]}) if name else Owner(tenant)


async def put_rule(database: Database, rule: Rule) -> None:
    if not 0 <= rule.amount <= AMOUNT_MAX:
        raise InvalidRequest(f"A limit of {rule.amount} is out of range. Give 0 (unlimited) to {AMOUNT_MAX}.")
    row = database.insert(LimitRules).values(subject=rule.subject, kind=str(rule.kind), amount=rule.amount)
    async with database.begin() as connection:
        await connection.execute(
            row.on_conflict_do_update(
                index_elements=[LimitRules.subject, LimitRules.kind], set_={"amount": rule.amount}
            )
        )
        await stamps.bump(database, connection, STAMP)


async def remove_rule(database: Database, subject: str, kind: Kind) -> bool:
    """The default holds again. False when there was no such rule."""
    statement = delete(LimitRules).where(LimitRules.subject == subject, LimitRules.kind == str(kind))
    async with database.begin() as connection:
        removed = (await connection.execute(statement)).rowcount > 0
        await stamps.bump(database, connection, STAMP)
    return removed


async def list_rules(database: Database, subjects: Sequence[str] | None = None) -> list[Rule]:
    """All, or those of `subjects`."""
    statement = select(LimitRules).order_by(LimitRules.subject, LimitRules.kind)
    if subjects is not None:
        statement = statement.where(LimitRules.subject.in_(subjects))
    async with database.read() as connection:
        rows = await connection.execute(statement)
        return [Rule(row.subject, Kind(row.kind), row.amount) for row in rows]


async def copy_rules(connection: AsyncConnection, source: str, target: str) -> None:
    """Part of the transaction that makes the new subject: nobody has looked for its rules yet."""
    copied = select(literal(target), LimitRules.kind, LimitRules.amount).where(LimitRules.subject == source)
    await connection.execute(insert(LimitRules).from_select(["subject", "kind", "amount"], copied))


def applied(defaults: Mapping[Subject, Bounds], rules: Iterable[Rule]) -> tuple[tuple[Subject, Bounds], ...]:
    """Each subject with the bounds that hold for it."""
    changes: dict[str, dict[str, int]] = {}
    for rule in rules:
        changes.setdefault(rule.subject, {})[rule.kind] = rule.amount
    return tuple(
        (who, convert(structs.asdict(bounds) | changes.get(who.id, {}), Bounds)) for who, bounds in defaults.items()
    )
