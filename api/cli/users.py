"""`ringfence users`"""

import click

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from appliance.identity import accounts
from appliance.identity.bootstrap import TENANT
from appliance.identity.roles import ROLES

COLUMNS = ("tenant", "id", "role", "created_at", "disabled_at")

tenant_option = click.option("--tenant", default=TENANT, show_default=True, help="The user's tenant.")


@click.group()
def users() -> None:
    """List, create, disable and enable users."""


@users.command("list")
@click.option("--tenant", help="Only this tenant's.")
@json_option
@pass_session
@awaited
async def list_(session: Session, tenant: str | None, as_json: bool) -> None:
    """List the users of one tenant, or of all."""
    found: list[accounts.User] = []
    async with opened(session.settings) as database:
        while page := await accounts.list_users(database, tenant, _place(found)):
            found += page
    listing.show(found, COLUMNS, as_json)


@users.command()
@click.argument("user")
@tenant_option
@click.option("--role", required=True, type=click.Choice(list(ROLES)), help="What the user may do.")
@pass_session
@awaited
async def create(session: Session, user: str, tenant: str, role: str) -> None:
    """Create a user."""
    async with opened(session.settings) as database:
        await accounts.create_user(database, tenant, user, role)
    click.echo(f"Created user {user} of {tenant}.")


@users.command()
@click.argument("user")
@tenant_option
@pass_session
@awaited
async def disable(session: Session, user: str, tenant: str) -> None:
    """Refuse a user's keys and tokens, within a second."""
    async with opened(session.settings) as database:
        await accounts.disable_user(database, tenant, user)
    click.echo(f"Disabled user {user} of {tenant}.")


@users.command()
@click.argument("user")
@tenant_option
@pass_session
@awaited
async def enable(session: Session, user: str, tenant: str) -> None:
    """Accept a user's keys and tokens again."""
    async with opened(session.settings) as database:
        await accounts.enable_user(database, tenant, user)
    click.echo(f"Enabled user {user} of {tenant}.")


def _place(found: list[accounts.User]) -> tuple[str, str]:
    return (found[-1].tenant, found[-1].id) if found else ("", "")
