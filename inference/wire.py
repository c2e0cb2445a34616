"""HTTP/1.1 to an engine: a pool of connections on one address.

A general client spends more time on a request than all the rest of the gateway together. An engine needs
little of it: no redirects, cookies, proxies or compression; one host, small heads, bodies that stream.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext, create_default_context
from urllib.parse import urlsplit

from msgspec import Struct

from appliance.errors import EngineFailed, EngineUnavailable
from inference.connection import Connection

# vLLM closes a connection that was idle for five seconds; one that we close first is never closed under a request.
IDLE_SECONDS = 4.0
LARGEST_ANSWER = 64 << 20
# What an engine may take to tell us that it had closed a connection before our request came.
STALE_SECONDS = 0.25
# What the last bytes of an answer may take that says nothing more.
END_SECONDS = 0.05


class Address(Struct, frozen=True):
    """Where an engine listens: `http(s)://host:port`, or a Unix socket."""

    host: str
    port: int = 0
    socket: str = ""
    tls: bool = False
    name: str = "localhost"
    """What the `host` header says."""
    certified: str = ""
    """Whom its certificate must be for, where `host` is but a number."""
    prefix: str = ""
    """A path that stands before every other, where the engine is behind a proxy."""

    @classmethod
    def parse(cls, url: str) -> "Address":
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        name = parts.netloc.rpartition("@")[2]
        return cls(parts.hostname or "", port, tls=tls, name=name, prefix=parts.path.rstrip("/"))


class Bounds(Struct, frozen=True):
    connections: int
    connect_seconds: float
    silence_seconds: float
    idle_seconds: float = IDLE_SECONDS
    sweep_seconds: float = 1.0


class Response:
    """An answer whose head has come; its body is read as it comes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.status = connection.status

    async def some(self) -> bytes:
        """What has come since the last call, at least one byte; nothing at the end."""
        return await self._connection.read()

    async def whole(self) -> bytes:
        parts = []
        size = 0
        while part := await self._connection.read():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise EngineFailed("The engine's answer is larger than 64 MiB. Ask for less.")
        return b"".join(parts)

    async def end(self) -> None:
        """Waits a moment for the end of an answer that has said all: only then the connection can be used again."""
        if self._connection.usable:
            return
        with suppress(TimeoutError, EngineFailed):
            async with asyncio.timeout(END_SECONDS):
                await self.whole()


class Pool:
    def __init__(self, address: Address, bounds: Bounds, name: str, headers: dict[str, str]) -> None:
        self._address = address
        self._bounds = bounds
        self._name = name
        self._head = "".join(f"{key}: {value}\r\n" for key, value in {"host": address.name, **headers}.items())
        self._tls: SSLContext | None = create_default_context() if address.tls else None
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        self._opening = 0
        self._sweep: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def request(
        self, method: str, path: str, body: bytes = b"", request_id: str = "", traceparent: str = ""
    ) -> AsyncIterator[Response]:
        """The answer; leaving the block before its end closes the connection, which cancels the engine's work.

        Work is bounded; questions about the engine always pass, or a busy one would look like a dead one.
        """
        if method == "POST" and len(self._busy) + self._opening >= self._bounds.connections:
            raise EngineUnavailable(
                f"{self._name} has {self._bounds.connections} requests open already. "
                "Try again shortly, or raise engines connections."
            )
        traced = f"traceparent: {traceparent}\r\n" if traceparent else ""
        head = (
            f"{method} {self._address.prefix}{path} HTTP/1.1\r\n{self._head}content-type: application/json\r\n"
            f"x-request-id: {request_id}\r\n{traced}content-length: {len(body)}\r\n\r\n"
        )
        connection = await self._answered(head.encode("latin-1") + body)
        try:
            yield Response(connection)
        finally:
            self._give_back(connection)

    def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in (*self._idle, *self._busy):
            connection.abort()

    async def _answered(self, data: bytes) -> Connection:
        """A connection on which the answer's head has come. A stale one, closed under us, is replaced once.

        In all other cases the engine may have broken over this request, and then no engine gets it again.
        """
        connection = self._take() or await self._connect()
        while True:
            try:
                if await connection.exchange(data):
                    return connection
            except BaseException:
                self._busy.discard(connection)
                connection.abort()
                raise
            self._busy.discard(connection)
            fresh = connection.exchanges == 1
            if fresh or connection.loop.time() - connection.since > STALE_SECONDS:
                raise self._broken()
            try:
                connection = await self._connect()
            except EngineUnavailable as error:
                raise self._broken() from error

    def _broken(self) -> EngineFailed:
        return EngineFailed(f"{self._name} broke the connection. Try again.")

    def _take(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                self._busy.add(connection)
                return connection
        return None

    async def _connect(self) -> Connection:
        self._opening += 1
        try:
            connection = await self._open()
        finally:
            self._opening -= 1
        self._busy.add(connection)
        if self._sweep is None:
            self._sweep = connection.loop.call_later(self._bounds.sweep_seconds, self._sweep_now, connection.loop)
        return connection

    async def _open(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._bounds.connect_seconds):
                if self._address.socket:
                    opened = await loop.create_unix_connection(
                        lambda: Connection(loop, self._name), self._address.socket
                    )
                else:
                    opened = await loop.create_connection(
                        lambda: Connection(loop, self._name),
                        self._address.host,
                        self._address.port,
                        ssl=self._tls,
                        server_hostname=(self._address.certified or None) if self._tls else None,
                    )
        except (OSError, TimeoutError) as error:
            raise EngineUnavailable(f"{self._name} cannot be reached. Check that it runs.") from error
        return opened[1]

    def _give_back(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if connection.usable and self._bounds.idle_seconds:
            connection.since = connection.loop.time()
            self._idle.append(connection)
        else:
            connection.abort()

    def _sweep_now(self, loop: asyncio.AbstractEventLoop) -> None:
        """Closes what was idle or silent for too long, in one sweep: a timer for each request would cost more."""
        now = loop.time()
        while self._idle and now - self._idle[0].since > self._bounds.idle_seconds:
            self._idle.popleft().abort()
        for connection in tuple(self._busy):
            if connection.waits and now - connection.since > self._bounds.silence_seconds:
                connection.fail(
                    EngineFailed(f"{self._name} was silent for too long. Try again.", code="engine_timeout")
                )
        self._sweep = loop.call_later(self._bounds.sweep_seconds, self._sweep_now, loop)
