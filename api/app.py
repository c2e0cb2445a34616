"""The HTTP door: raw ASGI for the hot path, FastAPI for everything else."""

import asyncio
import logging

from api.client import Client, Receive, Scope, Send
from api.errors import answer_with
from api.ring import Ring
from api.routes import openai, pages
from appliance.errors import Draining, InvalidRequest

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
DRAINING = Draining("This process is shutting down. Try again; another one answers.")
WRONG_METHOD = InvalidRequest("This endpoint takes POST only. Send a POST.", code="method_not_allowed")


class App:
    """The ASGI application of one worker."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._clients: set[Client] = set()
        self._draining = False
        ids = openai.RequestIds()
        self._hot = {path: openai.Endpoint(ring, path, ids, self._clients) for path in openai.TASKS}
        self._pages = pages.build(ring)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(receive, send) if scope["type"] == "lifespan" else None
            return
        path = scope["path"]
        if self._draining and path != "/health/live":
            await answer_with(DRAINING, send, [(b"connection", b"close")])
            return
        endpoint = self._hot.get(path)
        if endpoint is None:
            await self._pages(scope, receive, send)
        elif scope["method"] == "POST":
            await endpoint(scope, receive, send)
        else:
            await answer_with(WRONG_METHOD, send, [(b"allow", b"POST")], status=405)

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
