"""The other end of one HTTP request: its bounded body, its going away, its not taking bytes."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from appliance.errors import InvalidRequest, TooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Most answers of an instant engine are over before it pays to watch for a caller who leaves.
WATCH_AFTER = 0.02


class Client:
    """Cancels the task that serves it when the caller is gone; `gone` then tells why."""

    __slots__ = (
        "_body",
        "_later",
        "_limit",
        "_loop",
        "_receive",
        "_send",
        "_task",
        "_watch",
        "answering",
        "gone",
        "waiting_since",
    )

    def __init__(self, receive: Receive, send: Send, body_limit: int) -> None:
        self._receive = receive
        self._send = send
        self._limit = body_limit
        self._body: bytes | None = None
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._later: asyncio.TimerHandle | None = None
        self._watch: asyncio.Task[None] | None = None
        self.gone = False
        self.answering = False
        self.waiting_since: float | None = None
        """Since when we wait for the caller; the stall sweep looks at it."""

    async def body(self) -> bytes:
        """The whole body, read once; larger ones are refused before they are taken in."""
        if self._body is None:
            self.waiting_since = self._loop.time()
            self._body = await self._read()
            self.waiting_since = None
            self._later = self._loop.call_later(WATCH_AFTER, self._begin_watch)
        return self._body

    async def start(self, status: int, headers: Headers) -> None:
        self.answering = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes, *, more: bool = False) -> None:
        self.waiting_since = self._loop.time()
        await self._send({"type": "http.response.body", "body": data, "more_body": more})
        self.waiting_since = None

    def drop(self) -> None:
        """The caller is gone, or as good as gone."""
        if not self.gone and self._task is not None:
            self.gone = True
            self._task.cancel()

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()
        if self._watch is not None:
            self._watch.cancel()

    async def _read(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                raise InvalidRequest("The client went away before its body was whole. Send it again.")
            part = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                raise TooLarge(f"The body is larger than {self._limit} bytes. Send less, or raise server.body_limit.")
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _begin_watch(self) -> None:
        self._watch = self._loop.create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.drop()
