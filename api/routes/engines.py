"""Engines that run here, for those who keep them running: how they are, started, stopped, swapped, with their adapters.

They serve every tenant, so only principals of the first tenant may look at them or change them.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response

from api.client import Body, read_headers, target_of
from api.orders import Author, Book, find, require_here
from api.ring import Ring
from api.schema import engines as schema
from api.schema import openai
from api.schema.engines import AdapterRequest, Elsewhere, Engines, Logs, SwapRequest, Why
from appliance.errors import Forbidden, Unavailable
from appliance.identity import Principal
from appliance.identity.bootstrap import TENANT
from appliance.identity.roles import ENGINES_MANAGE, ENGINES_OPERATE, ENGINES_READ
from inference.control import Done, Order
from inference.ordering import CODE, Hear, ask

PATH = "/admin/engines"
MOST_LINES = 1000
# An adapter is read and laid on every GPU; all else is answered at once.
PATIENCE_SECONDS = 120.0

Lines = Annotated[int, Query(ge=1, le=MOST_LINES, description="The last so many.")]


class Asked:
    """One request: who asks, with a body that can be read once more after a signature was checked."""

    def __init__(self, ring: Ring, caller: Principal, body: Body) -> None:
        self._ring = ring
        self._caller = caller
        self._body = body

    def require(self, permission: str) -> None:
        if self._caller.tenant != TENANT:
            raise Forbidden(
                f"Engines serve every tenant, so only credentials of the tenant {TENANT!r} may do this. "
                "Ask whoever runs this appliance."
            )
        self._caller.require(permission)

    async def body(self) -> bytes:
        return await self._body.read()

    async def read(self, order: Order) -> tuple[Done, list[str]]:
        """With what was said before its end."""
        self.require(ENGINES_READ)
        said: list[str] = []
        return await self._send(order, said.append), said

    async def change(self, order: Order, permission: str) -> Done:
        def check(order: Order) -> None:
            self.require(permission)
            require_here(self._ring.settings.engines, order.engine)

        author = Author(self._caller.tenant, self._caller.user, self._caller.key)
        return await Book(self._ring.ledger, author).carry_out(order, check, self._send)

    async def _send(self, order: Order, hear: Hear | None = None) -> Done:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await ask(self._ring.settings.paths.var, order, hear)
        except TimeoutError as error:
            raise Unavailable(
                "The supervisor does not answer in time. Look at its log, and at the engines again.", code=CODE
            ) from error


def add(app: FastAPI, ring: Ring) -> None:
    async def asked(request: Request) -> Asked:
        body = Body(request.receive, ring.settings.server)
        scope = request.scope
        caller = await ring.identity.authenticate(read_headers(scope), request.method, target_of(scope), body.read)
        return Asked(ring, caller, body)

    _add_reading(app, ring, Depends(asked))
    _add_orders(app, Depends(asked))
    _add_adapters(app, Depends(asked))


def _add_reading(app: FastAPI, ring: Ring, depends: Any) -> None:
    @app.get(PATH, summary="How every engine is", **_described(Engines))
    async def list_engines(asked: Asked = depends) -> Response:
        done, _ = await asked.read(Order(verb="list"))
        return _json(Engines(engines=done.engines, elsewhere=_elsewhere(ring), set_aside=done.set_aside))

    @app.get(PATH + "/{name}", summary="How one engine is, and how far its start or swap is", **_described(Engines))
    async def get_engine(name: str, asked: Asked = depends) -> Response:
        done, _ = await asked.read(Order(verb="list"))
        return _json(Engines(engines=(find(done.engines, name),), elsewhere=(), set_aside=done.set_aside))

    @app.get(PATH + "/{name}/logs", summary="What an engine wrote last", **_described(Logs))
    async def read_logs(name: str, lines: Lines = 100, asked: Asked = depends) -> Response:
        _, said = await asked.read(Order(verb="logs", engine=name, lines=lines))
        return _json(Logs(tuple(said)))

    @app.get(PATH + "/{name}/why", summary="Why an engine is as it is: its crashes and their causes", **_described(Why))
    async def tell_why(name: str, asked: Asked = depends) -> Response:
        done, _ = await asked.read(Order(verb="why", engine=name))
        return _json(Why(engine=done.engines[0], crashes=done.crashes))


def _add_orders(app: FastAPI, depends: Any) -> None:
    later = _described(Engines, status=202)

    @app.post(PATH + "/{name}/start", summary="Start an engine that is stopped or failed", **later)
    async def start(name: str, asked: Asked = depends) -> Response:
        return await _accepted(asked, Order(verb="start", engine=name, wait=False))

    @app.post(PATH + "/{name}/stop", summary="Stop an engine; requests that run may end", **later)
    async def stop(name: str, asked: Asked = depends) -> Response:
        return await _accepted(asked, Order(verb="stop", engine=name, wait=False))

    @app.post(PATH + "/{name}/swap", summary="Change an engine's model", **_described(Engines, SwapRequest, 202))
    async def swap(name: str, asked: Asked = depends) -> Response:
        """No request is lost. Without a model, the same one gets a fresh process."""
        wish = openai.decode(schema.swap_decoder, await asked.body() or b"{}")
        order = Order(
            verb="swap", engine=name, model=wish.model, precision=wish.precision, weights=wish.weights, wait=False
        )
        return await _accepted(asked, order)


def _add_adapters(app: FastAPI, depends: Any) -> None:
    here = PATH + "/{name}/adapters/{adapter:path}"

    @app.put(here, summary="Load a LoRA adapter as a model of its own", **_described(Engines, AdapterRequest))
    async def load(name: str, adapter: str, asked: Asked = depends) -> Response:
        wish = openai.decode(schema.adapter_decoder, await asked.body())
        order = Order(verb="load", engine=name, adapter=adapter, folder=wish.folder, tenants=wish.tenants)
        return _changed(await asked.change(order, ENGINES_MANAGE))

    @app.delete(here, summary="Unload a LoRA adapter", **_described(Engines))
    async def unload(name: str, adapter: str, asked: Asked = depends) -> Response:
        return _changed(await asked.change(Order(verb="unload", engine=name, adapter=adapter), ENGINES_MANAGE))

    @app.post(PATH + "/gpus/{gpu}/trust", summary="Use a GPU again that was set aside", **_described(Engines))
    async def trust(gpu: str, asked: Asked = depends) -> Response:
        return _changed(await asked.change(Order(verb="trust", gpu=gpu), ENGINES_MANAGE))


async def _accepted(asked: Asked, order: Order) -> Response:
    return _changed(await asked.change(order, ENGINES_OPERATE), 202)


def _changed(done: Done, status: int = 200) -> Response:
    return _json(Engines(engines=done.engines, elsewhere=(), set_aside=done.set_aside), status)


def _json(value: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _elsewhere(ring: Ring) -> tuple[Elsewhere, ...]:
    kinds = {each.name: each.kind for each in ring.settings.engines if each.urls or each.discover}
    return tuple(
        Elsewhere(
            engine=seat.engine.group,
            server=seat.engine.name,
            kind=kinds[seat.engine.group],
            ready=seat.health.ready,
            reason=seat.health.reason,
            names=tuple(seat.models),
            running=seat.health.running,
            waiting=seat.health.waiting,
        )
        for seat in ring.fleet.seats
        if seat.engine.group in kinds
    )


def _described(answer: type, body: type | None = None, status: int = 200) -> dict[str, Any]:
    def content(kind: type) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}

    extra = {"requestBody": {"required": body is AdapterRequest, "content": content(body)}} if body else {}
    return {
        "tags": ["engines"],
        "status_code": status,
        "response_class": Response,
        "openapi_extra": extra,
        "responses": {
            status: {"description": "Accepted; look again." if status == 202 else "Done.", "content": content(answer)},
            "4XX": {"description": "An error in OpenAI's shape that names the parameter and the remedy."},
        },
    }
