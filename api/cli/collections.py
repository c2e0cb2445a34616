"""`ringfence collections`"""

from typing import cast

import click

from api.cli import listing
from api.cli.ingest import tenant_option
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from api.knowledge import opened_library
from ingest.catalogue import New, Privacy
from ingest.passage import EVERYBODY

COLUMNS = ("name", "id", "privacy", "language", "access", "files", "documents", "passages", "created_at")


@click.group()
def collections() -> None:
    """List, create and remove collections of documents."""


@collections.command("list")
@tenant_option
@json_option
@pass_session
@awaited
async def list_(session: Session, tenant: str, as_json: bool) -> None:
    """List a tenant's collections."""
    async with opened(session.settings) as database, opened_library(session.settings, database) as library:
        listing.show(await library.collections.list(tenant), COLUMNS, as_json)


@collections.command()
@click.argument("name")
@click.option(
    "--privacy", type=click.Choice(["raw", "scrubbed"]), default="raw", show_default=True,
    help="`scrubbed` stores placeholders for what is personal.",
)  # fmt: skip
@click.option("--language", default="", help="Of documents that do not say theirs, such as `de`.")
@click.option(
    "--access", multiple=True, default=(EVERYBODY,), show_default=True,
    help="Who may find its documents: *, role:agent, group:noc or user:anna; may be repeated.",
)  # fmt: skip
@tenant_option
@json_option
@pass_session
@awaited
async def create(  # noqa: PLR0913, PLR0917
    session: Session, name: str, privacy: str, language: str, access: tuple[str, ...], tenant: str, as_json: bool
) -> None:
    """Create a collection."""
    new = New(name=name, privacy=cast(Privacy, privacy), language=language, access=access)
    async with opened(session.settings) as database, opened_library(session.settings, database) as library:
        made = await library.collections.create(tenant, new)
    if as_json:
        listing.show_json(made)
    else:
        click.echo(f"Created collection {made.name} ({made.id}). Next: `ringfence ingest PATHS --collection …`.")


@collections.command()
@click.argument("name")
@click.confirmation_option(prompt="This takes all of its documents out. Go on?", help="Do not ask for confirmation.")
@tenant_option
@pass_session
@awaited
async def remove(session: Session, name: str, tenant: str) -> None:
    """Remove a collection with all of its documents; the files that they came from stay."""
    async with opened(session.settings) as database, opened_library(session.settings, database) as library:
        collection = await library.collections.find(tenant, name)
        await library.drop(collection)
    click.echo(f"Removed collection {collection.name} with {collection.documents} documents.")
