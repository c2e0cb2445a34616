"""`ringfence models`"""

from collections.abc import Iterable, Iterator

import click
from msgspec import Struct

from api.cli import listing
from api.cli.fit import fit
from api.cli.launch import command_
from api.cli.session import Session, json_option, pass_session
from api.cli.store import gc, open_store, pull, remove, verify
from models import spec, starter
from models.shelf import shelf
from models.store import Manifest

COLUMNS = ("name", "purpose", "builds", "context", "licence", "gated", "here", "about")


class Shelved(Struct, frozen=True, kw_only=True):
    name: str
    purpose: str = ""
    builds: tuple[str, ...] = ()
    """`starter`: a registry package carries it; else the precisions that the model hub has."""
    context: int | None = None
    licence: str
    gated: bool = False
    here: bool
    about: str


@click.group(commands=[fit, command_, pull, verify, remove, gc])
def models() -> None:
    """List the shelf of models, say which fit on which GPUs and how they are started; fetch, verify and remove them."""


@models.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> None:
    """List the starter models, the shelf for GPUs, and what else was pulled, with what of it is here."""
    paths = session.settings.paths
    starters = [
        Shelved(
            name=each.name, purpose=each.purpose, builds=("starter",), context=each.context, licence=each.licence,
            here=starter.is_present(each.name, paths.var), about=each.about,
        )
        for each in spec.shelf().values()
    ]  # fmt: skip
    pulled = [found for found in open_store(session.settings).list() if found.name not in spec.shelf()]
    here = {found.source for found in pulled}
    larger = [
        Shelved(
            name=each.name, purpose=each.purpose, builds=tuple(dict.fromkeys(build.precision for build in each.builds)),
            context=each.context, licence=each.licence, gated=each.gated,
            here=any(build.repository in here for build in each.builds), about=each.about,
        )
        for each in shelf(paths.shelf).values()
    ]  # fmt: skip
    known = {each.name for each in larger}
    listing.show([*starters, *larger, *_others(pulled, known)], COLUMNS, as_json)


def _others(pulled: Iterable[Manifest], known: set[str]) -> Iterator[Shelved]:
    for each in pulled:
        if each.name not in known:
            about = f"From {each.source} {each.revision[:12]}".rstrip()
            yield Shelved(name=each.name, licence=each.licence, here=True, about=about)
