"""`ringfence ingest`"""

import sys
import time
from collections import Counter
from pathlib import Path

import click
from msgspec import Struct

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from api.knowledge import opened_library, opened_pipeline
from appliance.errors import NotFound
from appliance.identity.bootstrap import TENANT
from ingest.catalogue import Collection, New
from ingest.folder import Walk
from ingest.library import Library
from ingest.pipeline import Outcome

COLLECTION = "documents"
"""Where documents go for which nobody names a collection."""
STATUS = ("name", "privacy", "files", "failed", "documents", "passages")
FAULTS = ("collection", "path", "code", "reason")
REFRESH_SECONDS = 0.2

tenant_option = click.option("--tenant", default=TENANT, show_default=True, help="Whose documents.")
collection_option = click.option(
    "--collection", "name", default=COLLECTION, show_default=True, help="Its name or id; `documents` is made."
)
paths_argument = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))


class Report(Struct, kw_only=True):
    new: int
    changed: int
    unchanged: int
    removed: int
    failed: int
    documents: int
    passages: int
    embedded: int
    seconds: float
    faults: list[Outcome]


class Told:
    """What happens to files, as it happens: a line that changes on a terminal, and what went wrong."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._total = 0
        self._begun = self._shown = time.monotonic()
        self._states = Counter[str]()
        self._sums = Counter[str]()
        self._faults: list[Outcome] = []

    def begin(self, total: int) -> None:
        self._total = total

    def __call__(self, outcome: Outcome) -> None:
        self._states[outcome.state] += 1
        for name in ("documents", "passages", "embedded"):
            self._sums[name] += getattr(outcome, name)
        if outcome.code or outcome.faults:
            self._faults.append(outcome)
            self._say(outcome)
        if self._terminal and time.monotonic() - self._shown > REFRESH_SECONDS:
            self._shown = time.monotonic()
            click.echo(f"\r\x1b[K{self._line()}", err=True, nl=False)

    def end(self) -> Report:
        self._wipe()
        states = {name: self._states[name] for name in ("new", "changed", "unchanged", "removed", "failed")}
        sums = {name: self._sums[name] for name in ("documents", "passages", "embedded")}
        return Report(**states, **sums, seconds=round(time.monotonic() - self._begun, 2), faults=self._faults)

    def _line(self) -> str:
        done = self._states.total()
        pace = self._sums["passages"] / max(time.monotonic() - self._begun, 0.001)
        return f"{done} of {self._total} files, {self._sums['passages']} passages, {pace:.0f}/s"

    def _say(self, outcome: Outcome) -> None:
        self._wipe()
        if outcome.code:
            click.echo(f"{outcome.path}: {outcome.reason} ({outcome.code})", err=True)
        for each in outcome.faults:
            click.echo(f"{each.path}: {each.reason} ({each.code})", err=True)

    def _wipe(self) -> None:
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


class PathsFirst(click.Group):
    """`ringfence ingest PATHS` is `ringfence ingest add PATHS`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["add", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PathsFirst)
def ingest() -> None:
    """Take in files and folders, say what became of them, take them out again.

    `ringfence ingest PATHS` is short for `ringfence ingest add PATHS`.
    """


@ingest.command()
@paths_argument
@collection_option
@tenant_option
@click.option("--again", is_flag=True, help="Read also what did not change.")
@json_option
@pass_session
@awaited
async def add(  # noqa: PLR0913, PLR0917
    session: Session, paths: tuple[Path, ...], name: str, tenant: str, again: bool, as_json: bool
) -> None:
    """Take in files and all that lies below folders, as they are now.

    What did not change costs nothing; a file that is gone from a folder is gone from the collection. A file that
    cannot be read stops none of the others; the command then ends with 1. It can be interrupted and run again.
    """
    settings, told = session.settings, Told()
    async with opened(settings) as database, opened_library(settings, database) as library:
        collection = await _collection(library, tenant, name)
        walk = Walk(paths)
        async with opened_pipeline(settings, library, collection, told) as pipeline:
            await library.take_in(pipeline, walk, told.begin, again=again)
    for place in walk.unseen:
        click.echo(f"{place}: It cannot be looked into. Let Ringfence read it.", err=True)
    _show(told.end(), collection, as_json)


@ingest.command()
@paths_argument
@collection_option
@tenant_option
@json_option
@pass_session
@awaited
async def remove(session: Session, paths: tuple[Path, ...], name: str, tenant: str, as_json: bool) -> None:
    """Take out what came from these files and folders; they themselves stay."""
    settings, told = session.settings, Told()
    async with opened(settings) as database, opened_library(settings, database) as library:
        collection = await library.collections.find(tenant, name)
        await library.take_out(collection, Walk(paths), told)
    _show(told.end(), collection, as_json)


@ingest.command()
@click.option("--failed", is_flag=True, help="List what could not be read, and why.")
@tenant_option
@json_option
@pass_session
@awaited
async def status(session: Session, failed: bool, tenant: str, as_json: bool) -> None:
    """Say how many files, documents and passages each collection has."""
    settings = session.settings
    async with opened(settings) as database, opened_library(settings, database) as library:
        if failed:
            listing.show(await library.files.faults(tenant), FAULTS, as_json)
        else:
            listing.show(await library.collections.list(tenant), STATUS, as_json)


async def _collection(library: Library, tenant: str, name: str) -> Collection:
    try:
        return await library.collections.find(tenant, name)
    except NotFound:
        if name != COLLECTION:
            raise
        return await library.collections.create(tenant, New(name=name))


def _show(report: Report, collection: Collection, as_json: bool) -> None:
    if as_json:
        listing.show_json(report)
    else:
        click.echo(
            f"{collection.name}: {report.new} new, {report.changed} changed, {report.removed} removed, "
            f"{report.unchanged} unchanged, {report.failed} failed; {report.passages} passages, "
            f"{report.embedded} of them embedded, in {report.seconds:g} s."
        )
    if report.failed:
        raise click.exceptions.Exit(1)
