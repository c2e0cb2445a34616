"""`ringfence limits`"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import click
from msgspec import Struct

from api.cli import listing
from api.cli.amount import ASSIGNMENT, shown
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from appliance.db import Database
from appliance.errors import InvalidRequest, NotFound
from appliance.identity.accounts import require_tenant, require_user
from appliance.identity.bootstrap import TENANT
from appliance.identity.credentials import find_key
from appliance.limits import rules
from appliance.limits.budget import MONEY, Kind
from appliance.limits.rules import Owner, Rule
from appliance.settings import Limits

COLUMNS = ("tenant", "user", "key", "limit", "amount", "source")
EVERY = "*"

tenant_option = click.option("--tenant", help=f"The tenant; without it, the key's, or else {TENANT}.")
user_option = click.option("--user", help="This user of the tenant, not the tenant as a whole.")
key_option = click.option("--key", help="This API key, by its id.")


class Line(Struct, frozen=True, kw_only=True):
    """A limit that holds."""

    tenant: str
    user: str | None
    key: str | None
    limit: Kind
    amount: int | Decimal
    source: str


@click.group()
def limits() -> None:
    """List, set and remove the limits of single tenants, users and keys."""


@limits.command("list")
@click.option("--tenant", help="Only this tenant's, and its users' and keys'.")
@click.option("--user", help="Only this user's.")
@click.option("--key", help="Only this key's, by its id.")
@json_option
@pass_session
@awaited
async def list_(session: Session, tenant: str | None, user: str | None, key: str | None, as_json: bool) -> None:
    """List the limits that hold; what is not listed is unlimited, and so is 0.

    A limit comes from a rule of its own or from the settings, whose limits bind each tenant, user and key (*) that
    has no rule. Money is in units of your currency.
    """
    async with opened(session.settings) as database:
        owner = await _owner(database, tenant, user, key) if tenant or user or key else None
        found = await rules.list_rules(database)
    lines: list[Line] = [*_rules(found, owner), *_defaults(found, owner, session.settings.limits)]
    lines.sort(key=_place)
    listing.show(lines, COLUMNS, as_json)


@limits.command("set")
@click.argument("limits", type=ASSIGNMENT, nargs=-1, required=True, metavar="LIMIT=AMOUNT...")
@tenant_option
@user_option
@key_option
@pass_session
@awaited
async def set_(
    session: Session, limits: tuple[tuple[Kind, int], ...], tenant: str | None, user: str | None, key: str | None
) -> None:
    """Limit one tenant, user or key, within a second, in place of the settings.

    LIMIT is requests_per_minute, tokens_per_minute, concurrent, money_per_day, money_per_month or money_per_session.
    AMOUNT is a whole number, or money in units of your currency, such as 25.00; 0 is unlimited.
    """
    async with opened(session.settings) as database:
        owner = await _owner(database, tenant, user, key)
        for kind, amount in dict(limits).items():
            await rules.put_rule(database, Rule(owner.subject.id, kind, amount))
            click.echo(f"Set {kind} of {owner.subject.label} to {shown(kind, amount)}.")
    if set(dict(limits)) & set(MONEY) and not session.settings.limits.prices:
        click.echo("No model has a price yet, so nothing is spent. Set limits.prices.", err=True)


@limits.command()
@click.argument("limits", type=click.Choice([kind.value for kind in Kind]), nargs=-1, required=True, metavar="LIMIT...")
@tenant_option
@user_option
@key_option
@pass_session
@awaited
async def remove(
    session: Session, limits: tuple[str, ...], tenant: str | None, user: str | None, key: str | None
) -> None:
    """Let the settings hold again for one tenant, user or key, within a second."""
    async with opened(session.settings) as database:
        owner = await _owner(database, tenant, user, key)
        kinds = dict.fromkeys(map(Kind, limits))
        there = {rule.kind for rule in await rules.list_rules(database, [owner.subject.id])}
        if missing := [kind for kind in kinds if kind not in there]:
            raise NotFound(
                f"There is no rule for {missing[0]} of {owner.subject.label}. Choose one of `ringfence limits list`."
            )
        for kind in kinds:
            await rules.remove_rule(database, owner.subject.id, kind)
            click.echo(f"Removed {kind} of {owner.subject.label}.")


async def _owner(database: Database, tenant: str | None, user: str | None, key: str | None) -> Owner:
    """One that exists: a rule for a name that was mistyped would limit nobody."""
    if key is not None:
        if user is not None:
            raise InvalidRequest("A limit is of a user or of a key. Give one of them, not both.")
        found = await find_key(database, key, tenant)
        return Owner(found.tenant, key=found.id)
    owner = Owner(tenant or TENANT, user)
    async with database.read() as connection:
        await require_tenant(connection, owner.tenant)
        if user is not None:
            await require_user(connection, owner.tenant, user)
    return owner


def _rules(found: Iterable[Rule], within: Owner | None) -> Iterator[Line]:
    for rule in found:
        owner = rules.owner(rule.subject)
        if within is None or within in (owner, Owner(owner.tenant)):
            yield _line(owner, rule.kind, rule.amount, "rule")


def _defaults(found: Iterable[Rule], of: Owner | None, settings: Limits) -> Iterator[Line]:
    """The limits of the settings, but those that a rule of the owner replaces."""
    replaced = {rule.kind for rule in found if of is not None and rule.subject == of.subject.id}
    owners = [of] if of is not None else [Owner(EVERY), Owner(EVERY, user=EVERY), Owner(EVERY, key=EVERY)]
    for owner in owners:
        bounds = settings.key if owner.key else settings.user if owner.user else settings.tenant
        for kind in Kind:
            if kind not in replaced and (amount := getattr(bounds, kind)):
                yield _line(owner, kind, amount, "settings")


def _line(owner: Owner, kind: Kind, amount: int, source: str) -> Line:
    return Line(
        tenant=owner.tenant, user=owner.user, key=owner.key, limit=kind, amount=shown(kind, amount), source=source
    )


def _place(line: Line) -> tuple[str, str, str, int]:
    return line.tenant, line.key or "", line.user or "", list(Kind).index(line.limit)
