"""A supervisor that speaks by a script, on the real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Thread

import msgspec

from inference.control import Done, Order, Refused, Said, socket_of

Answer = Said | Done | Refused | bytes | float
"""Bytes are sent as they are; a number is a wait in seconds."""
Script = Callable[[Order], Iterable[Answer]]


class Supervisor:
    def __init__(self, script: Script) -> None:
        self.orders: list[Order] = []
        self._script = script
        self._visits: set[asyncio.Task[None]] = set()

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        with suppress(ConnectionError, asyncio.CancelledError):
            await self.answer(reader, writer)
        writer.close()
        self._visits.discard(visit)

    async def close(self) -> None:
        visits = tuple(self._visits)
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        order = msgspec.json.decode(await reader.readline(), type=Order)
        self.orders.append(order)
        for each in self._script(order):
            if isinstance(each, float):
                await asyncio.sleep(each)
                continue
            writer.write(each if isinstance(each, bytes) else msgspec.json.encode(each) + b"\n")
            await writer.drain()


@asynccontextmanager
async def supervising(var: Path, script: Script) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(script)
    socket = socket_of(var)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = await asyncio.start_unix_server(supervisor.receive, socket)
    try:
        yield supervisor
    finally:
        server.close()
        await supervisor.close()
        socket.unlink(missing_ok=True)


@contextmanager
def supervising_beside(var: Path, script: Script) -> Iterator[Supervisor]:
    """In a thread, for tests of commands, which run a loop of their own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    opened = supervising(var, script)
    try:
        yield asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(5)
    finally:
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
