"""The other end of one HTTP request: its bounded body, its going away, its not taking bytes."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from appliance.errors import InvalidRequest, TooLarge, TooSlow
from appliance.settings import Server

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
            body = await read_body(self._receive, self._limit)
            self.waiting_since = None
            if body is None:
                self.gone = True
                raise InvalidRequest("The client went away before its body was whole. Send it again.")
            self._body = body
            self._later = self._loop.call_later(WATCH_AFTER, self._begin_watch)
        return self._body

    async def start(self, status: int, headers: Headers) -> None:
        self.answering = True
        self.waiting_since = self._loop.time()
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

    @property
    def stalled(self) -> bool:
        """It was to send its body and did not."""
        return self.waiting_since is not None and not self.answering

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _begin_watch(self) -> None:
        self._watch = self._loop.create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.drop()


class Body:
    """Read once, for a route that reads it itself: a signature covers it, and it is asked for again then."""

    def __init__(self, receive: Receive, server: Server) -> None:
        self._receive = receive
        self._server = server
        self._read: bytes | None = None

    async def read(self) -> bytes:
        if self._read is None:
            try:
                async with asyncio.timeout(self._server.stall_seconds):
                    self._read = await read_body(self._receive, self._server.body_limit)
            except TimeoutError:
                raise TooSlow("The body did not come in time. Send it again, or in smaller pieces.") from None
            if self._read is None:
                raise InvalidRequest("The client went away before its body was whole. Send it again.")
        return self._read


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; nothing when the caller went away first."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes. Send less, or raise server.body_limit.")
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def read_headers(scope: Scope) -> dict[bytes, bytes]:
    """By name. Of two credentials none counts: somebody in between may have looked at the other one."""
    pairs = scope["headers"]
    headers = dict(pairs)
    if len(headers) != len(pairs) and sum(name == b"authorization" for name, _ in pairs) > 1:
        headers[b"authorization"] = b""
    return headers


def target_of(scope: Scope) -> str:
    """The path and query as they were sent: a signature covers them."""
    query = scope["query_string"]
    path: bytes = scope["raw_path"]
    return (b"%b?%b" % (path, query) if query else path).decode("latin-1")
