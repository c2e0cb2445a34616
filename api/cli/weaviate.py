"""`ringfence weaviate`"""

import asyncio
from pathlib import Path
from types import ModuleType

import click
from msgspec import structs

from api import weaviate as supervisor
from api.cli.session import Session, pass_session
from appliance.errors import ConfigError
from appliance.keyring import read
from appliance.settings import Settings, WeaviateSettings
from ingest.weaviate import build as building
from ingest.weaviate import server


@click.group()
def weaviate() -> None:
    """Build, start and stop a Weaviate of this machine, and give the index its key."""


@weaviate.command()
def build() -> None:
    """Build the server from its source into the user's cache, once: 4 to 5 minutes."""
    click.echo(building.build(building.cache(), click.echo))


@weaviate.command()
@click.option("--foreground", is_flag=True, help="Stay, and stop it with Ctrl-C or SIGTERM.")
@pass_session
def start(session: Session, foreground: bool) -> None:
    """Start it, and build it first where it is not built yet."""
    if foreground:
        supervisor.run(session.settings, click.echo)
    else:
        supervisor.start(session.settings, session.arguments, click.echo)


@weaviate.command()
@pass_session
def stop(session: Session) -> None:
    """Stop the one that `start` started."""
    click.echo("Weaviate is stopped." if supervisor.stop(session.settings) else "Weaviate does not run.")


@weaviate.command()
@click.pass_context
@pass_session
def status(session: Session, ctx: click.Context) -> None:
    """Say whether it runs and answers."""
    process = supervisor.process_of(session.settings)
    program = building.program(building.cache())
    node = supervisor.node_of(session.settings, program)
    is_ready = server.is_ready(node.http)
    click.echo(f"built      {program if program.exists() else 'no; `ringfence weaviate build`'}")
    click.echo(f"process    {process or 'none; `ringfence weaviate start`'}")
    click.echo(f"answers    {'yes' if is_ready else 'no'}, at http://127.0.0.1:{node.http}")
    click.echo(f"data       {node.folder / 'data'}")
    ctx.exit(0 if process and is_ready else 1)


@weaviate.command()
@pass_session
def setup(session: Session) -> None:
    """Make the user of the index, with the rights that it needs and no others; its key goes to `paths.var`."""
    key = asyncio.run(_acts().set_up(_as_root(session.settings)))
    click.echo(f"The index has a key of its own, in {supervisor.keep_key(session.settings, key)}.")


@weaviate.command()
@click.argument("name")
@pass_session
def backup(session: Session, name: str) -> None:
    """Copy everything that it holds to a folder; deleted text stays in older ones."""
    click.echo(asyncio.run(_acts().back_up(_as_root(session.settings), name)))


@weaviate.command()
@click.argument("name")
@pass_session
def restore(session: Session, name: str) -> None:
    """Bring a backup back into a Weaviate that is empty."""
    asyncio.run(_acts().restore(_as_root(session.settings), name))
    click.echo(f"{name} is restored.")


def _as_root(settings: Settings) -> WeaviateSettings:
    given = settings.knowledge.weaviate
    file: Path = supervisor.folder_of(settings) / supervisor.ROOT_KEY
    if file.exists():
        return structs.replace(given, key=read(file))
    if given.key:
        return given
    raise ConfigError(
        "No root key of Weaviate is known. Start one here, or give its root key as knowledge.weaviate.key."
    )


def _acts() -> ModuleType:
    try:
        import ingest.weaviate.access as acts
    except ModuleNotFoundError as error:
        raise ConfigError(supervisor.EXTRA) from error
    return acts
