"""`ringfence keys`"""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from api.cli import listing
from api.cli.duration import DURATION
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from appliance.identity import credentials
from appliance.identity.bootstrap import TENANT
from appliance.identity.credentials import IssuedKey, Order
from appliance.identity.keys import Mint
from appliance.identity.roles import PERMISSIONS, ROLES
from appliance.keyring import open_keyring

COLUMNS = ("id", "tenant", "user", "role", "name", "expires_at", "revoked_at", "last_used_at")


@click.group()
def keys() -> None:
    """List, create, rotate and revoke API keys."""


@keys.command("list")
@click.option("--tenant", help="Only this tenant's.")
@json_option
@pass_session
@awaited
async def list_(session: Session, tenant: str | None, as_json: bool) -> None:
    """List keys; their text is not stored and cannot be shown."""
    found: list[credentials.Key] = []
    async with opened(session.settings) as database:
        while page := await credentials.list_keys(database, tenant, found[-1].id if found else ""):
            found += page
    listing.show(found, COLUMNS, as_json)


@keys.command()
@click.option("--name", required=True, help="What the key is for.")
@click.option("--tenant", default=TENANT, show_default=True, help="The key's tenant.")
@click.option("--user", help="A user of the tenant; the key takes the user's role.")
@click.option("--role", type=click.Choice(list(ROLES)), help=f"Default: {credentials.DEFAULT_ROLE}.")
@click.option("--scope", multiple=True, type=click.Choice(sorted(PERMISSIONS)), help="Narrow the role; repeatable.")
@click.option("--model", multiple=True, help="Allow only this model; repeatable.")
@click.option("--expires", type=DURATION, help="End after this time, such as 90d or 12h.")
@click.option("--signing", is_flag=True, help="A key for signed requests; it never travels.")
@json_option
@pass_session
@awaited
async def create(session: Session, /, expires: timedelta | None, as_json: bool, **given: Any) -> None:
    """Create a key and print it, this once."""
    ends = datetime.now(UTC) + expires if expires else None
    scopes, models = given.pop("scope") or None, given.pop("model") or None
    order = Order(**given, scopes=scopes, models=models, expires_at=ends)
    mint = Mint(open_keyring(session.settings).pepper)
    async with opened(session.settings) as database:
        _show(await credentials.create_key(database, mint, order), as_json)


@keys.command()
@click.argument("key")
@click.option("--overlap", type=DURATION, default="24h", show_default=True, help="How long the old one goes on.")
@json_option
@pass_session
@awaited
async def rotate(session: Session, key: str, overlap: timedelta, as_json: bool) -> None:
    """Print a new key with the same rights and limits; the old KEY (its id) ends after the overlap."""
    mint = Mint(open_keyring(session.settings).pepper)
    async with opened(session.settings) as database:
        _show(await credentials.rotate_key(database, mint, key, overlap), as_json)


@keys.command()
@click.argument("key")
@pass_session
@awaited
async def revoke(session: Session, key: str) -> None:
    """Refuse KEY (its id), within a second and for good."""
    async with opened(session.settings) as database:
        await credentials.revoke_key(database, key)
    click.echo(f"Revoked {key}.")


def _show(issued: IssuedKey, as_json: bool) -> None:
    if as_json:
        listing.show_json({"id": issued.id, "key": issued.text})
        return
    # The key alone on standard output, so that a script can keep it.
    click.echo(issued.text)
    click.echo(f"This is the only time that key {issued.id} is shown. Keep it safe.", err=True)
