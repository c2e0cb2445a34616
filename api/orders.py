"""Orders to the supervisor, from either door: in the ledger before they are carried out, and again with their end."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from msgspec import Struct

from appliance.audit import Entry, Ledger
from appliance.errors import InvalidRequest, NotFound, RingfenceError
from appliance.log import request_id
from appliance.settings import EVERYBODY, EngineSettings
from inference.control import Done, Order, Status, Verb

ACTIONS: Mapping[Verb, str] = {
    "start": "engine_start",
    "stop": "engine_stop",
    "swap": "engine_swap",
    "load": "adapter_load",
    "unload": "adapter_unload",
    "trust": "gpu_trust",
}

# How an order stands: it is sent; it is carried out later; nobody waited for its end. Else `ok`, or why it was refused.
ASKED, ACCEPTED, UNKNOWN = "asked", "accepted", "unknown"

Check = Callable[[Order], None]
Send = Callable[[Order], Awaitable[Done]]


class Author(Struct, frozen=True):
    """Who orders it."""

    tenant: str
    user: str | None = None
    key: str | None = None


class Book:
    """What one author orders, as the ledger has it."""

    def __init__(self, ledger: Ledger, author: Author) -> None:
        self._ledger = ledger
        self._author = author

    async def carry_out(self, order: Order, check: Check, send: Send) -> Done:
        """Nothing is sent that `check` refuses, or while the ledger cannot be written."""
        self._ledger.ensure_writable()
        code = UNKNOWN
        try:
            check(order)
            self._record(order, ASKED)
            await self._ledger.durable()
            done = await send(order)
            code = "ok" if order.wait else ACCEPTED
        except RingfenceError as error:
            code = error.code
            raise
        finally:
            self._record(order, code)
        await self._ledger.durable()
        return done

    def _record(self, order: Order, code: str) -> None:
        entry = Entry(
            request_id=request_id.get(),
            action=ACTIONS[order.verb],
            user=self._author.user,
            key=self._author.key,
            engine=order.engine,
            model=order.model,
            code=code,
            details=_details(order),
        )
        self._ledger.record(self._author.tenant, entry)


def find(engines: Iterable[Status], name: str) -> Status:
    """One of those that run here."""
    known = {each.engine: each for each in engines}
    if name not in known:
        here = ", ".join(known) or "none"
        raise NotFound(f"No engine {name!r} runs here; those that do: {here}. Name one of them.")
    return known[name]


def require_here(engines: tuple[EngineSettings, ...], name: str) -> None:
    """Those that run elsewhere are started, stopped and changed there."""
    for engine in engines:
        if engine.name == name and (engine.urls or engine.discover):
            raise InvalidRequest(
                f"{name} runs elsewhere, and is started, stopped and changed there. Choose one that `ringfence engines "
                "list` says runs here."
            )


def _details(order: Order) -> dict[str, int | str]:
    found = {name: getattr(order, name) for name in ("precision", "adapter", "gpu") if getattr(order, name)}
    if EVERYBODY in order.tenants:
        return {**found, "tenants": "all"}
    return {**found, **{f"tenant_{number}": each for number, each in enumerate(order.tenants, 1)}}
