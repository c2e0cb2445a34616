"""`ringfence tenants`"""

import click

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from appliance.identity import accounts

COLUMNS = ("id", "created_at", "disabled_at")


@click.group()
def tenants() -> None:
    """List, create, disable and enable tenants."""


@tenants.command("list")
@json_option
@pass_session
@awaited
async def list_(session: Session, as_json: bool) -> None:
    """List every tenant."""
    found: list[accounts.Tenant] = []
    async with opened(session.settings) as database:
        while page := await accounts.list_tenants(database, found[-1].id if found else ""):
            found += page
    listing.show(found, COLUMNS, as_json)


@tenants.command()
@click.argument("tenant")
@pass_session
@awaited
async def create(session: Session, tenant: str) -> None:
    """Create a tenant."""
    async with opened(session.settings) as database:
        await accounts.create_tenant(database, tenant)
    click.echo(f"Created tenant {tenant}. Next: `ringfence keys create --tenant {tenant} --name …`.")


@tenants.command()
@click.argument("tenant")
@pass_session
@awaited
async def disable(session: Session, tenant: str) -> None:
    """Refuse every credential of a tenant, within a second."""
    async with opened(session.settings) as database:
        await accounts.disable_tenant(database, tenant)
    click.echo(f"Disabled tenant {tenant}.")


@tenants.command()
@click.argument("tenant")
@pass_session
@awaited
async def enable(session: Session, tenant: str) -> None:
    """Accept a tenant's credentials again."""
    async with opened(session.settings) as database:
        await accounts.enable_tenant(database, tenant)
    click.echo(f"Enabled tenant {tenant}.")
