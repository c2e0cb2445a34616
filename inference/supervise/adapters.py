"""LoRA adapters that come and go while their engine serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from appliance.errors import Conflict, InvalidRequest, NotFound, RingfenceError
from appliance.settings import AdapterSettings
from inference.control import Order
from inference.supervise.berth import Berth, Hand
from inference.supervise.crew import Crew

if TYPE_CHECKING:
    from inference.vllm import Vllm

# What workers may take to hear that an adapter is gone.
SEEN_SECONDS = 5.0


async def load(crew: Crew, berth: Berth, order: Order) -> None:
    adapter = _read(order)
    _check_room(crew, berth, adapter)
    async with _client(berth) as (hand, client):
        copy = await crew.bring(hand, adapter)
        try:
            await client.load_adapter(adapter.name, copy)
        except RingfenceError:
            del hand.copies[adapter.name]
            raise
        _keep(berth, hand, (*berth.wanted.adapters, adapter))


async def unload(crew: Crew, berth: Berth, order: Order) -> None:
    """First workers stop asking for it."""
    left = tuple(each for each in berth.wanted.adapters if each.name != order.adapter)
    if left == berth.wanted.adapters:
        raise NotFound(f"{berth.name} has no adapter {order.adapter!r}. `ringfence engines adapters list` shows them.")
    if berth.hand is None or berth.hand.keeper.state in ("waiting", "failed"):
        # It may be the adapter that keeps it from starting.
        _keep(berth, berth.hand, left)
        return
    async with _client(berth) as (hand, client):
        _keep(berth, hand, left)
        await crew.board.until_seen(crew.board.roster.version, SEEN_SECONDS)
        await client.unload_adapter(order.adapter)
    await crew.sweep()


def _read(order: Order) -> AdapterSettings:
    if not order.tenants:
        raise InvalidRequest("An adapter can tell what it was taught. Say for which tenants it is.", param="tenants")
    given = {"name": order.adapter, "folder": order.folder, "tenants": order.tenants}
    try:
        read = msgspec.convert(given, AdapterSettings, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"This is no adapter: {error}. Change it.") from error
    if not read.folder.is_absolute():
        raise InvalidRequest(f"{read.folder} does not begin with /. Give the whole path.", param="folder")
    return read


def _check_room(crew: Crew, berth: Berth, adapter: AdapterSettings) -> None:
    slots = berth.engine.launch.adapter_slots
    if len(berth.wanted.adapters) >= slots:
        taken = ", all taken. Unload one, or" if slots else ". Let its settings"
        raise Conflict(
            f"{berth.name} has {slots or 'no'} slots for adapters{taken} raise `launch.adapter_slots` and start the "
            "appliance again."
        )
    names = {name for each in crew.berths.values() for name in each.wanted.names}
    names |= {loaded.name for each in crew.berths.values() for loaded in each.wanted.adapters}
    if adapter.name in names:
        raise Conflict(f"There is a model {adapter.name!r} already. Give the adapter another name.")


@asynccontextmanager
async def _client(berth: Berth) -> AsyncIterator[tuple[Hand, "Vllm"]]:
    hand = berth.hand
    if hand is None or hand.keeper.state != "serving":
        raise Conflict(f"{berth.name} does not serve now. Start it first: `ringfence engines start {berth.name}`.")
    # What has slots for adapters is no other.
    client = cast("Vllm", hand.outfit.connect())
    try:
        yield hand, client
    finally:
        await client.close()


def _keep(berth: Berth, hand: Hand | None, adapters: tuple[AdapterSettings, ...]) -> None:
    """Also when it is started again, after a crash or with the appliance."""
    if hand is not None and hand.outfit.again is not None:
        names = {each.name for each in adapters}
        hand.copies = {name: copy for name, copy in hand.copies.items() if name in names}
        hand.keeper.kept = replace(hand.keeper.kept, command=hand.outfit.again(hand.copies))
    berth.decide(replace(berth.wanted, adapters=adapters))
    berth.changed()
