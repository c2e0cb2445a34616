"""`ringfence models pull`, `verify`, `remove` and `gc`"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from api.cli import listing
from api.cli.meter import TerminalMeter
from api.cli.session import Session, json_option, pass_session
from appliance.errors import InvalidRequest
from appliance.settings import Settings
from models import spec, starter
from models.shelf import Model, shelf
from models.store import Finding, Manifest, Source, Store, StoredFile
from models.store.disk import shown
from models.store.folder import Folder

COLUMNS = ("model", "file", "state", "text")


def open_store(settings: Settings) -> Store:
    return Store(settings.paths.var / "models", settings.models.connections)


@contextmanager
def metered() -> Iterator[TerminalMeter]:
    meter = TerminalMeter()
    try:
        yield meter
    finally:
        meter.end()


@click.command()
@click.argument("name")
@click.option(
    "--from", "place", metavar="FOLDER", type=click.Path(path_type=Path), help="A folder in place of the hub."
)
@click.option("--precision", help="Which build of a model of the shelf; default: its first.")
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit on the hub.")
@click.option("--as", "own", metavar="NAME", help="Its name here; default: the last part of NAME, in small letters.")
@click.option("--only", default="", metavar="PATTERN", help="Which weights, where there are several: '*Q4_K_M.gguf'.")
@pass_session
def pull(session: Session, /, name: str, place: Path | None, own: str | None, **given: Any) -> None:
    """Fetch a model, check each file's digest, and print its folder.

    NAME is one of `ringfence models list`, or OWNER/NAME of a repository on the hub that `models.hub` names. It can be
    interrupted at any time, and goes on where it was. What is here and whole is not fetched again.
    """
    settings = session.settings
    store = open_store(settings)
    row = shelf(settings.paths.shelf).get(name)
    with metered() as meter:
        if place is None and name in spec.shelf():
            starter.fetch(name, settings.paths.var, meter.say)
            store.adopt(_starter(settings, name))
            click.echo(spec.find(name).path(settings.paths.var))
            return
        precision = given["precision"]
        repository = _repository(row, name, precision)
        source = Folder(place) if place is not None else _hub(settings, repository, given["revision"])
        name = f"{name}-{precision}" if precision else name
        found = store.pull(own or name.rpartition("/")[2].lower(), source, meter, given["only"])
    click.echo(store.folder(found.name))


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@click.pass_context
@pass_session
def verify(session: Session, ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Read every file of the models and compare its digest; exit 1 when one is damaged or missing."""
    store = open_store(session.settings)
    adopt_starters(store, session.settings)
    found = [store.require(name) for name in names] if names else store.list()
    findings: list[Finding] = [finding for each in found for finding in store.verify(each)]
    listing.show(findings, COLUMNS, as_json)
    broken = sorted({finding.model for finding in findings if finding.state != "ok"})
    if broken:
        click.echo(f"Not whole: {', '.join(broken)}. Mend each with `ringfence models pull`.", err=True)
    ctx.exit(1 if broken else 0)


@click.command()
@click.argument("name")
@click.confirmation_option(prompt="Remove its files? An engine that uses it will not start again.", help="Do not ask.")
@pass_session
def remove(session: Session, name: str) -> None:
    """Remove a model, and those of its files that no other model has."""
    store = open_store(session.settings)
    adopt_starters(store, session.settings)
    with metered() as meter:
        freed = store.remove(name, meter)
    click.echo(f"Removed {name}: {shown(freed.bytes)} freed.")


@click.command()
@pass_session
def gc(session: Session) -> None:
    """Remove what interrupted pulls left, and files that no model has any more."""
    with metered() as meter:
        freed = open_store(session.settings).clean(meter)
    click.echo(f"Removed {freed.files} files: {shown(freed.bytes)} freed.")


def adopt_starters(store: Store, settings: Settings) -> None:
    """Starter models that `ringfence init` fetched are models of the store like others."""
    for name, each in spec.shelf().items():
        if each.path(settings.paths.var).exists() and store.find(name) is None:
            store.adopt(_starter(settings, name))


def _starter(settings: Settings, name: str) -> Manifest:
    of = spec.find(name)
    file = StoredFile(of.weights, of.path(settings.paths.var).stat().st_size, of.sha256)
    return Manifest(name=name, source=of.origin, revision=of.version, licence=of.licence, files=(file,))


def _repository(row: Model | None, name: str, precision: str | None) -> str:
    if row is None:
        if precision is not None:
            raise InvalidRequest(
                f"{name!r} is not on the shelf, so it has no --precision. Name the repository of the build."
            )
        return name
    for build in row.builds:
        if precision in (None, build.precision):
            return build.repository
    known = ", ".join(dict.fromkeys(build.precision for build in row.builds))
    raise InvalidRequest(f"{row.name} has no build in {precision}. Choose one of: {known}.")


def _hub(settings: Settings, name: str, revision: str) -> Source:
    owner, slash, _ = name.partition("/")
    if not (owner and slash):
        raise InvalidRequest(
            f"{name!r} is no model that Ringfence can fetch. Name one of `ringfence models list`, a repository as "
            "OWNER/NAME, or a folder with --from."
        )
    if not settings.models.hub:
        raise InvalidRequest(
            "No model hub is set. Set models.hub to the hub's address or your mirror's, or give a folder with --from."
        )
    # They import TLS, and most commands speak to no hub.
    from models.store.hub import Hub
    from models.store.web import Web

    return Hub(Web(settings.models.token), settings.models.hub, name, revision)
