"""The HTTP door: raw ASGI for the hot path, FastAPI for everything else."""

import asyncio

from api.client import Client, Message, Receive, Scope, Send
from api.errors import answer_with
from api.ring import Ring
from api.routes import openai, pages
from appliance.errors import Draining, InvalidRequest
from appliance.log import request_id as current_request

LIVE = "/health/live"
TICK_SECONDS = 1.0
DRAINING = Draining("This process is shutting down. Try again; another one answers.")
WRONG_METHOD = InvalidRequest("This endpoint takes POST only. Send a POST.", code="method_not_allowed")


class App:
    """The ASGI application of one worker."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._clients: set[Client] = set()
        self._draining = False
        self._ids = ids = openai.RequestIds()
        self._hot = {path: openai.Endpoint(ring, path, ids, self._clients) for path in openai.TASKS}
        self._pages = pages.build(ring)

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
        if self._draining and scope["path"] != LIVE:
            await answer_with(DRAINING, send, [(b"connection", b"close")])
        elif scope["path"] in self._hot:
            await answer_with(WRONG_METHOD, send, [(b"allow", b"POST")], status=405)
        else:
            await self._pages(scope, receive, send)

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
        ticks = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                ticks = asyncio.create_task(self._tick())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if ticks is not None:
                    ticks.cancel()
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
            for seat in self._ring.fleet.seats:
                metrics.engine_ready.labels(seat.engine.name).set(seat.health.ready)
                metrics.engine_in_flight.labels(seat.engine.name).set(seat.in_flight)
