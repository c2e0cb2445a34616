"""`ringfence engines start|stop|swap|trust`: what changes them, with its records in the ledger."""

import asyncio
from functools import partial
from typing import Any, get_args

import click
from msgspec.structs import replace

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from api.orders import Author, Book, require_here
from appliance.audit import Ledger
from appliance.identity.bootstrap import TENANT
from appliance.keyring import open_keyring
from appliance.settings import Settings
from inference.control import Done, Order
from inference.ordering import ask
from models.shelf.rows import Precision

wait_option = click.option("--wait/--no-wait", default=True, help="Until it is carried out; default: --wait.")


@click.command()
@click.argument("engine")
@wait_option
@json_option
@pass_session
@awaited
async def start(session: Session, engine: str, wait: bool, as_json: bool) -> None:
    """Start ENGINE, which is stopped or failed."""
    show(await carry_out(session.settings, Order(verb="start", engine=engine, wait=wait)), wait, as_json)


@click.command()
@click.argument("engine")
@wait_option
@json_option
@pass_session
@awaited
async def stop(session: Session, engine: str, wait: bool, as_json: bool) -> None:
    """Stop ENGINE, also over restarts of the appliance, once the requests that it answers are over."""
    show(await carry_out(session.settings, Order(verb="stop", engine=engine, wait=wait)), wait, as_json)


@click.command()
@click.argument("engine")
@click.argument("model", required=False)
@click.option("--precision", type=click.Choice(get_args(Precision)), help="Of the weights; default: what fits.")
@click.option("--weights", default="", help="Their folder, or their name in the store; default: the model's name.")
@wait_option
@json_option
@pass_session
@awaited
async def swap(session: Session, /, engine: str, model: str | None, **given: Any) -> None:
    """Let ENGINE serve another MODEL of the shelf, without losing a request; without MODEL, in a fresh process.

    Callers go on with the names that they know. Where both models fit, the new one is started beside the old one;
    else requests wait meanwhile. A new one that does not start leaves things as they were.
    """
    order = Order(
        verb="swap",
        engine=engine,
        model=model or "",
        precision=given["precision"] or "",
        weights=given["weights"],
        wait=given["wait"],
    )
    show(await carry_out(session.settings, order), order.wait, given["as_json"])


@click.command()
@click.argument("gpu")
@json_option
@pass_session
@awaited
async def trust(session: Session, gpu: str, as_json: bool) -> None:
    """Use GPU again, which was set aside for its faults: its number or UUID of `ringfence engines list`."""
    done = await carry_out(session.settings, Order(verb="trust", gpu=gpu))
    if as_json:
        listing.show_json(done.set_aside)
    else:
        click.echo(f"GPU {gpu} is used again.")


async def carry_out(settings: Settings, order: Order) -> Done:
    """Says on standard error how it goes. The ledger has it first."""

    def check(order: Order) -> None:
        require_here(settings.engines, order.engine)

    async def send(order: Order) -> Done:
        return await ask(settings.paths.var, order, partial(click.echo, err=True))

    strict = replace(settings.audit, durability="strict")
    anchor = settings.audit.anchor or settings.paths.var / "audit.anchor"
    async with opened(settings) as database:
        ledger = Ledger(database, strict, open_keyring(settings).audit, anchor, "cli")
        await ledger.start()
        try:
            return await Book(ledger, Author(TENANT)).carry_out(order, check, send)
        except asyncio.CancelledError:
            click.echo("It goes on without this command: `ringfence engines list` shows how far it is.", err=True)
            raise
        finally:
            await ledger.close()


def show(done: Done, waited: bool, as_json: bool) -> None:
    if as_json:
        listing.show_json(done.engines)
    elif not waited:
        click.echo("Accepted. `ringfence engines list` shows how far it is.")
    else:
        for engine in done.engines:
            names = ", ".join((*engine.names, *(each.name for each in engine.adapters)))
            what = f"serves {engine.model} as {names}." if engine.state == "serving" else f"is {engine.state}."
            click.echo(f"{engine.engine} {what} {engine.reason}".rstrip())
