"""`ringfence db`"""

import click

from api.cli.listing import show_json
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited
from appliance import revisions
from appliance.db import open_database
from appliance.migrations import runner


@click.group()
def db() -> None:
    """Move the database between versions."""


@db.command()
@click.argument("revision", default=revisions.HEAD)
@pass_session
@awaited
async def upgrade(session: Session, revision: str) -> None:
    """Move to a newer version; without REVISION, to the newest."""
    database = open_database(session.settings)
    try:
        await runner.upgrade(database, revision)
    finally:
        await database.close()
    click.echo(f"The database is at {revision}.")


@db.command()
@click.argument("revision")
@click.confirmation_option(
    prompt="This drops tables and what they hold. Is there a backup?", help="Do not ask for confirmation."
)
@pass_session
@awaited
async def downgrade(session: Session, revision: str) -> None:
    """Move back to an older version; `base` drops everything."""
    database = open_database(session.settings)
    try:
        await runner.downgrade(database, revision)
    finally:
        await database.close()
    click.echo(f"The database is at {revision}.")


@db.command()
@json_option
@pass_session
@awaited
async def status(session: Session, as_json: bool) -> None:
    """Say which version the database has and which one this Ringfence needs."""
    database = open_database(session.settings)
    try:
        found = await revisions.status(database)
    finally:
        await database.close()
    if as_json:
        show_json(found)
        return
    click.echo(f"The database is at {found.current or 'nothing: it is empty'}; needed: {found.head}.")
    if not found.is_current:
        click.echo("Run `ringfence db upgrade`.")
