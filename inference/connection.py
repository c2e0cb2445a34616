"""One connection to an engine: HTTP/1.1 as httptools parses it."""

import asyncio
from typing import cast

import httptools

from appliance.errors import EngineFailed

HIGH_WATER = 1 << 16


class Connection(asyncio.Protocol):
    """It writes a request and hands out the answer, holding back an engine that is too fast."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.loop = loop
        self.since = loop.time()
        self.exchanges = 0
        self.status = 0
        self._name = name
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._parts: list[bytes] = []
        self._held = 0
        self._paused = False
        self._complete = True
        self._keeps_alive = True
        self._error: Exception | None = None

    @property
    def usable(self) -> bool:
        """It can carry another request."""
        return self._complete and self._keeps_alive and not self._parts and self._error is None

    @property
    def waits(self) -> bool:
        return self._waiter is not None

    async def exchange(self, data: bytes) -> bool:
        """Sends a request: true when the head of its answer has come, false when the connection ended before."""
        if self._transport is None:
            return False
        self.exchanges += 1
        self.status = 0
        self._complete = False
        self._parts = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(data)
        while not self.status:
            if self._error is not None:
                raise self._error
            if self._transport is None:
                return False
            await self._wait()
        return True

    async def read(self) -> bytes:
        while not self._parts:
            if self._complete:
                return b""
            if self._error is not None:
                raise self._error
            await self._wait()
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    def fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self._wake()
        self.abort()

    def abort(self) -> None:
        self._keeps_alive = False
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        self.since = self.loop.time()
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop does not register its own

    def data_received(self, data: bytes) -> None:
        if self._complete or self._parser is None:
            self.abort()  # bytes that answer nothing
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.fail(EngineFailed(f"{self._name} does not speak HTTP. Check its address."))

    def connection_lost(self, error: Exception | None) -> None:
        self._keeps_alive = False
        self._transport = None
        if self.status and not self._complete and self._error is None:
            self._error = EngineFailed(f"{self._name} broke the connection. Try again.")
        self._wake()

    # what the parser calls

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status
            self._wake()

    def on_body(self, data: bytes) -> None:
        self._parts.append(data)
        self._held += len(data)
        if self._held > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if not self.status:
            return  # a 1xx that announces the answer
        assert self._parser is not None
        self._complete = True
        self._keeps_alive = self._keeps_alive and self._parser.should_keep_alive()
        self._wake()
