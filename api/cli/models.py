"""`ringfence models`"""

import click
from msgspec import Struct

from api.cli import listing
from api.cli.fit import fit
from api.cli.launch import command_
from api.cli.session import Session, json_option, pass_session
from models import spec, starter
from models.shelf import shelf

COLUMNS = ("name", "purpose", "builds", "context", "licence", "gated", "here", "about")


class Shelved(Struct, frozen=True, kw_only=True):
    name: str
    purpose: str
    builds: tuple[str, ...]
    """`starter`: a registry package carries it; else the precisions that the model hub has."""
    context: int
    licence: str
    gated: bool = False
    here: bool
    about: str


@click.group(commands=[fit, command_])
def models() -> None:
    """List the shelf of models, say which fit on which GPUs and how they are started, fetch starter models."""


@models.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the starter models, then the shelf for GPUs, and what of it is here."""
    paths = session.settings.paths
    starters = [
        Shelved(
            name=each.name, purpose=each.purpose, builds=("starter",), context=each.context, licence=each.licence,
            here=starter.is_present(each.name, paths.var), about=each.about,
        )
        for each in spec.shelf().values()
    ]  # fmt: skip
    larger = [
        Shelved(
            name=each.name, purpose=each.purpose, builds=tuple(dict.fromkeys(build.precision for build in each.builds)),
            context=each.context, licence=each.licence, gated=each.gated, here=False, about=each.about,
        )
        for each in shelf(paths.shelf).values()
    ]  # fmt: skip
    listing.show([*starters, *larger], COLUMNS, as_json)


@models.command()
@click.argument("name")
@pass_session
def pull(session: Session, name: str) -> None:
    """Fetch a starter model from its registry package and check its digest."""
    click.echo(starter.fetch(name, session.settings.paths.var, lambda text: click.echo(text, err=True)))
