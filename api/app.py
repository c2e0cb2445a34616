"""The HTTP door: raw ASGI for the hot path, FastAPI for everything else."""

import asyncio
from collections.abc import Awaitable, Callable

from api.client import Client, Message, Receive, Scope, Send
from api.errors import answer_with
from api.ring import Ring
from api.routes import health, openai
from appliance.errors import Draining, InvalidRequest
from appliance.log import request_id as current_request

TICK_SECONDS = 1.0
DRAINING = Draining("This process is shutting down. Try again; another one answers.")
WRONG_METHOD = InvalidRequest("This endpoint takes POST only. Send a POST.", code="method_not_allowed")


ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]


class App:
    """The ASGI application of one worker."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._clients: set[Client] = set()
        self._draining = False
        self._ids = ids = openai.RequestIds()
        self._hot = {path: openai.Endpoint(ring, path, ids, self._clients) for path in openai.TASKS}
        self._health = health.Health(ring)
        self._loading: asyncio.Task[ASGI] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(receive, send) if scope["type"] == "lifespan" else None
            return
        endpoint = self._hot.get(scope["path"])
        if endpoint is not None and scope["method"] == "POST" and not self._draining:
            await endpoint(scope, receive, send)
        else:
            await self._answer_other(scope, receive, self._named(scope, send))

    async def _answer_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._draining and scope["path"] != health.LIVE:
            await answer_with(DRAINING, send, [(b"connection", b"close")])
        elif scope["path"] in self._hot:
            await answer_with(WRONG_METHOD, send, [(b"allow", b"POST")], status=405)
        elif scope["path"] in health.SUMMARIES:
            await self._health(scope, receive, send)
        else:
            pages = await self._pages()
            await pages(scope, receive, send)

    async def _pages(self) -> ASGI:
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(_load_pages, self._ring))
        return await asyncio.shield(self._loading)

    def _named(self, scope: Scope, send: Send) -> Send:
        """Adds the request id to an answer that does not carry one."""
        request_id = self._ids.take(dict(scope["headers"]).get(b"x-request-id"))
        current_request.set(request_id)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-request-id", request_id.encode())]}
            await send(message)

        return send_named

    @property
    def in_flight(self) -> int:
        return len(self._clients)

    def begin_drain(self) -> None:
        """Requests that run go on; new ones are sent elsewhere."""
        self._draining = True

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        ticks = pages = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                ticks = asyncio.create_task(self._tick())
                pages = asyncio.create_task(self._pages())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for task in (ticks, pages):
                    if task is not None:
                        task.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _tick(self) -> None:
        """Once a second: drop callers that stall, publish the gauges."""
        metrics, stall_seconds = self._ring.metrics, self._ring.settings.server.stall_seconds
        while True:
            await asyncio.sleep(TICK_SECONDS)
            oldest = asyncio.get_running_loop().time() - stall_seconds
            for client in tuple(self._clients):
                if client.waiting_since is not None and client.waiting_since < oldest:
                    client.drop()
            metrics.in_flight.set(len(self._clients))
            for engine, standing in self._ring.fleet.standings().items():
                metrics.engine_ready.labels(engine).set(standing.ready)
                metrics.engine_in_flight.labels(engine).set(standing.in_flight)
                metrics.engine_waiting.labels(engine).set(standing.waiting)


def _load_pages(ring: Ring) -> ASGI:
    # FastAPI takes half a second to import, and no request of the hot path needs it.
    from api.routes import pages

    return pages.build(ring)
