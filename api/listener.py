"""One ASGI application on inherited sockets: bounded request heads, and a drain before the end."""

import asyncio
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from appliance import settings

HEAD_BYTES = 64 << 10
HEAD_SECONDS = 10.0
# Longer than the idle time of the usual proxies, so that it is they who close an idle connection, not we.
KEEP_ALIVE_SECONDS = 75
# What a client may take to fetch the last bytes of its answer.
CLOSE_SECONDS = 2
POLL_SECONDS = 0.02
# How long a client may wait at the socket of a worker that died, hangs or still starts.
RESCUE_SECONDS = 0.1
TAKEN_AT_ONCE = 32

HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

UPGRADE = re.compile(rb"(?i)\r\nupgrade(?=[ \t]*:)")


class Application(Protocol):
    @property
    def in_flight(self) -> int: ...

    def begin_drain(self) -> None: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


async def serve(app: Application, listeners: list[socket.socket], chosen: settings.Server) -> None:
    """Until SIGTERM; then new requests are refused and running ones may end. A second SIGTERM cuts them.

    The first socket is this worker's own, the others are its siblings'.
    """
    own, *others = listeners
    server = Server(_configuration(app))
    stop, cut = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (cut if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    serving = asyncio.create_task(server.serve([own]))
    taking = asyncio.create_task(take_quickly(server, own))
    rescuing = asyncio.create_task(rescue(server, others))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        await drain(app, cut, chosen.drain_seconds)
    if app.in_flight:
        for task in server.server_state.tasks:
            task.cancel()
    taking.cancel()
    rescuing.cancel()
    server.should_exit = True
    await serving


async def drain(app: Application, cut: asyncio.Event, seconds: float) -> None:
    """Returns when nothing runs any more, when told to cut, or after `seconds`."""
    app.begin_drain()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while app.in_flight and loop.time() < deadline:
        with suppress(TimeoutError):
            await asyncio.wait_for(cut.wait(), POLL_SECONDS)
            return


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to `serve`: uvicorn's handlers would close the port before the drain."""
        yield

    def protocol(self) -> asyncio.Protocol:
        """For a connection that did not come through uvicorn's own socket."""
        return BoundedHead(self.config, self.server_state, self.lifespan.state)


async def take_quickly(server: Server, own: socket.socket) -> None:
    """Takes many new connections in a turn of the loop, where uvloop takes one.

    A turn lasts 40 ms while a thousand streams run: new callers would wait for seconds.
    """
    loop = asyncio.get_running_loop()
    opening: set[asyncio.Task[Any]] = set()

    def take() -> None:
        for connection in _waiting(listener):
            task = loop.create_task(loop.connect_accepted_socket(server.protocol, connection))
            opening.add(task)
            task.add_done_callback(opening.discard)

    await server.ready.wait()
    with own.dup() as listener:
        loop.add_reader(listener, take)
        try:
            await asyncio.Future()
        finally:
            loop.remove_reader(listener)


async def rescue(server: Server, others: list[socket.socket]) -> None:
    """Takes the connections that wait where nobody takes them; a sibling that is well leaves none."""
    loop = asyncio.get_running_loop()
    for each in others:
        each.setblocking(False)
    await server.ready.wait()
    while others:
        await asyncio.sleep(RESCUE_SECONDS)
        for each in others:
            for connection in _waiting(each):
                await loop.connect_accepted_socket(server.protocol, connection)


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    for _ in range(TAKEN_AT_ONCE):
        try:
            connection, _ = listener.accept()
        except OSError:  # nobody waits, or the one who did went away
            return
        connection.setblocking(False)
        yield connection


class BoundedHead(HttpToolsProtocol):
    """Refuses a request whose head is too large or too slow; httptools would keep waiting and growing.

    It passes over offers to speak another protocol; httptools would drop the body of a request that makes one,
    as Java's own client does with HTTP/2.
    """

    head_open = False
    head_bytes = 0
    head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.head_timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if b"pgrade" in data:
            # Of the same length: what follows must stay where content-length says it is.
            data = UPGRADE.sub(b"\r\nx-grade", data)
        super().data_received(data)
        if not self.head_open:
            return
        self.head_bytes += len(data)
        if self.head_bytes > HEAD_BYTES:
            self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()
        elif self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        self.head_open, self.head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_open = False
        self._end_head_timer()
        super().on_headers_complete()

    def _end_head_timer(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None


def _configuration(app: Application) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedHead,
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        backlog=2048,
    )
