"""`ringfence engines`: how they are."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from itertools import chain
from pathlib import Path

import click

from api.cli import listing
from api.cli.adapters import adapters
from api.cli.orders import start, stop, swap, trust
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited
from api.schema.engines import Elsewhere, Engines, Why
from appliance.errors import RingfenceError
from appliance.settings import EngineSettings, Settings
from inference.control import Crash, Order, Status
from inference.engine import Engine
from inference.engines import open_elsewhere
from inference.ordering import ask

HEADS = ("ENGINE", "STATE", "MODEL", "NAMES", "GPUS", "PROCESS", "RUNNING", "WAITING", "RESTARTS", "NOTE")
LOOK_SECONDS = 10.0
MOST_LINES = 1000


@click.group(commands=[start, stop, swap, trust, adapters])
def engines() -> None:
    """Look at engines and start, stop, swap those that run here; load adapters."""


@engines.command("list")
@json_option
@pass_session
@awaited
async def list_(session: Session, as_json: bool) -> None:
    """List every engine: those that run here as the supervisor sees them, the others as they answer now."""
    settings = session.settings
    done = await ask(settings.paths.var, Order(verb="list"))
    elsewhere = await _look_elsewhere(settings)
    if as_json:
        listing.show_json(Engines(engines=done.engines, elsewhere=elsewhere, set_aside=done.set_aside))
        return
    rows = [*map(_here, done.engines), *map(_there, elsewhere)]
    for line in listing.table([HEADS, *rows]):
        click.echo(line)
    for fault in done.set_aside.values():
        click.echo(fault)


@engines.command()
@click.argument("engine")
@click.option("-n", "--lines", type=click.IntRange(1, MOST_LINES), default=100, help="The last so many; default: 100.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what it writes from now on.")
@json_option
@pass_session
@awaited
async def logs(session: Session, engine: str, lines: int, follow: bool, as_json: bool) -> None:
    """Print what ENGINE wrote last; with --json, each line as a JSON string."""
    order = Order(verb="logs", engine=engine, lines=lines, follow=follow)
    # Ctrl-C is how following ends.
    with suppress(asyncio.CancelledError) if follow else nullcontext():
        await ask(session.settings.paths.var, order, listing.show_json if as_json else click.echo)


@engines.command()
@click.argument("engine")
@json_option
@pass_session
@awaited
async def why(session: Session, engine: str, as_json: bool) -> None:
    """Say why ENGINE is as it is: its last crashes, their causes, its last lines, and what was tried."""
    done = await ask(session.settings.paths.var, Order(verb="why", engine=engine))
    found = Why(engine=done.engines[0], crashes=done.crashes)
    if as_json:
        listing.show_json(found)
        return
    for line in _told(found):
        click.echo(line)


async def _look_elsewhere(settings: Settings) -> tuple[Elsewhere, ...]:
    there = [each for each in settings.engines if each.urls or each.discover]
    found = await asyncio.gather(*(_look_at_all(each, settings.paths.var) for each in there))
    return tuple(chain.from_iterable(found))


async def _look_at_all(engine: EngineSettings, var: Path) -> list[Elsewhere]:
    """Every server of one engine."""
    try:
        servers = await open_elsewhere(engine, var)
    except OSError as error:
        reason = f"{engine.discover} cannot be looked up: {error.strerror}"
        return [Elsewhere(engine=engine.name, server=engine.name, kind="vllm", ready=False, reason=reason)]
    try:
        return await asyncio.gather(*map(_look, servers))
    finally:
        await asyncio.gather(*(server.close() for server in servers))


async def _look(engine: Engine) -> Elsewhere:
    names: tuple[str, ...] = ()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            health = await engine.health()
            names = tuple(model.id for model in await engine.models()) if health.ready else ()
    except (RingfenceError, TimeoutError) as error:
        reason = error.message if isinstance(error, RingfenceError) else f"no answer within {LOOK_SECONDS:.0f} s"
        return Elsewhere(engine=engine.group, server=engine.name, kind="vllm", ready=False, reason=reason)
    return Elsewhere(
        engine=engine.group,
        server=engine.name,
        kind="vllm",
        ready=health.ready,
        reason=health.reason,
        names=names,
        running=health.running,
        waiting=health.waiting,
    )


def _here(status: Status) -> tuple[str, ...]:
    return (
        status.engine,
        status.state,
        " ".join(filter(None, (status.model, status.precision))),
        ",".join((*status.names, *(each.name for each in status.adapters))) or "-",
        ",".join(status.gpus) or "-",
        str(status.pid or "-"),
        str(status.running),
        str(status.waiting),
        str(status.restarts),
        status.swapping or status.progress or status.reason or "-",
    )


def _there(server: Elsewhere) -> tuple[str, ...]:
    state = "ready" if server.ready else "not ready"
    figures = (str(server.running), str(server.waiting))
    return (server.server, state, "-", ",".join(server.names) or "-", "-", "-", *figures, "-", server.reason or "-")


def _told(found: Why) -> Iterator[str]:
    engine = found.engine
    since = f" for {engine.seconds:,.0f} s" if engine.seconds else ""
    yield f"{engine.engine} is {engine.state}{since}. {engine.reason}".rstrip()
    yield f"Restarts: {engine.restarts}."
    for crash in found.crashes:
        yield from ("", *_crashed(crash))


def _crashed(crash: Crash) -> Iterator[str]:
    yield f"{time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(crash.at))}: {crash.how}"
    if crash.cause:
        yield f"  Cause: {crash.cause}"
    yield "  Its last lines:" if crash.lines else "  It wrote nothing."
    for line in crash.lines:
        yield f"    {line}"
