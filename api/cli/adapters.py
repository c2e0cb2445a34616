"""`ringfence engines adapters`"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from api.cli import listing
from api.cli.orders import carry_out, show
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from api.orders import find
from appliance.identity.accounts import require_tenant
from appliance.settings import EVERYBODY, Settings
from inference.control import Order
from inference.ordering import ask

COLUMNS = ("engine", "adapter", "tenants")


class Loaded(Struct, frozen=True):
    engine: str
    adapter: str
    tenants: tuple[str, ...]


@click.group()
def adapters() -> None:
    """List, load and unload LoRA adapters: small weights on a model, each served as a model of its own."""


@adapters.command("list")
@click.argument("engine", default="")
@json_option
@pass_session
@awaited
async def list_(session: Session, engine: str, as_json: bool) -> None:
    """List the adapters of ENGINE, or of all, and the tenants that may use them (* for all)."""
    engines = (await ask(session.settings.paths.var, Order(verb="list"))).engines
    chosen = [find(engines, engine)] if engine else engines
    found = [Loaded(status.engine, each.name, each.tenants) for status in chosen for each in status.adapters]
    listing.show(found, COLUMNS, as_json)


@adapters.command()
@click.argument("engine")
@click.argument("adapter")
@click.argument("folder", type=click.Path(path_type=Path, resolve_path=True))
@click.option("--tenant", "tenants", multiple=True, required=True, help="May use it; repeatable; '*' for all.")
@json_option
@pass_session
@awaited
async def load(session: Session, /, engine: str, adapter: str, folder: Path, **given: Any) -> None:
    """Load the adapter that lies in FOLDER into ENGINE, as the model ADAPTER. Nothing is restarted.

    An adapter can tell what it was taught, so it is for the tenants that you name.
    """
    tenants: tuple[str, ...] = given["tenants"]
    await _require(session.settings, tenants)
    order = Order(verb="load", engine=engine, adapter=adapter, folder=str(folder), tenants=tenants)
    show(await carry_out(session.settings, order), True, given["as_json"])


@adapters.command()
@click.argument("engine")
@click.argument("adapter")
@json_option
@pass_session
@awaited
async def unload(session: Session, engine: str, adapter: str, as_json: bool) -> None:
    """Unload ADAPTER from ENGINE; requests for it are refused from then on."""
    show(await carry_out(session.settings, Order(verb="unload", engine=engine, adapter=adapter)), True, as_json)


async def _require(settings: Settings, tenants: Iterable[str]) -> None:
    """A name that was mistyped would give it to nobody."""
    async with opened(settings) as database, database.read() as connection:
        for tenant in tenants:
            if tenant != EVERYBODY:
                await require_tenant(connection, tenant)
