"""The supervisor's socket: workers follow the roster on it, and people give orders."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import msgspec

from appliance.errors import ConfigError, RingfenceError
from inference.control import LONGEST_LINE, Done, Follow, Order, Refused, Said
from inference.roster import Seen
from inference.supervise.board import Board

# Whoever takes no bytes, or says nothing first, for this long is hung up on.
PATIENCE_SECONDS = 5.0
# Of an order that goes on meanwhile; what an engine writes can be much more than a terminal takes.
MOST_UNREAD = 10_000

Say = Callable[[str], None]
CarryOut = Callable[[Order, Say], Awaitable[Done]]
"""Raises what refuses the order. Cancelled when whoever asked has gone, which must not undo what was begun."""

log = logging.getLogger(__name__)


class Desk:
    def __init__(self, board: Board, carry_out: CarryOut) -> None:
        self._board = board
        self._carry_out = carry_out
        self._visits: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, path: Path) -> AsyncIterator[None]:
        with _listening(path) as listener:
            server = await asyncio.start_unix_server(self._receive, sock=listener, limit=LONGEST_LINE)
            try:
                yield
            finally:
                server.close()
                for visit in self._visits:
                    visit.cancel()
                await asyncio.gather(*self._visits, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                first = msgspec.json.decode(await reader.readline(), type=Follow | Order)
            if isinstance(first, Follow):
                await self._lead(first, reader, writer)
            else:
                await self._serve(first, reader, writer)
        except (OSError, ValueError, TimeoutError, msgspec.DecodeError) as error:
            # `ValueError`: a line that is too long.
            log.debug("hung up on somebody at the supervisor's socket: %r", error)
        except asyncio.CancelledError:
            pass  # asyncio's streams would report it as an error of ours
        finally:
            self._visits.discard(visit)
            writer.transport.abort()

    async def _lead(self, follow: Follow, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        follower = self._board.join(follow.worker)
        telling = asyncio.create_task(self._tell(writer))
        # A worker that takes no roster must not be waited for, though it may go on saying things.
        telling.add_done_callback(lambda _: writer.transport.abort())
        try:
            while line := await reader.readline():
                self._board.see(follower, msgspec.json.decode(line, type=Seen))
        finally:
            self._board.leave(follower)
            telling.cancel()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        version = -1
        with suppress(OSError, TimeoutError):
            while True:
                roster = await self._board.newer(version)
                version = roster.version
                await _write(writer, roster)

    async def _serve(self, order: Order, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said: asyncio.Queue[str] = asyncio.Queue(MOST_UNREAD)

        def say(text: str) -> None:
            with suppress(asyncio.QueueFull):
                said.put_nowait(text)

        carrying = asyncio.ensure_future(self._carry_out(order, say))
        leaving = asyncio.ensure_future(reader.read(1))
        leaving.add_done_callback(lambda _: carrying.cancel())
        speaking = asyncio.create_task(_speak(writer, said))
        speaking.add_done_callback(lambda _: carrying.cancel())
        try:
            answer: Done | Refused = await carrying
        except RingfenceError as error:
            answer = Refused(error.code, error.message)
        finally:
            leaving.cancel()
            speaking.cancel()
        while not said.empty():
            await _write(writer, Said(said.get_nowait()))
        await _write(writer, answer)
        writer.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await writer.wait_closed()


async def _speak(writer: asyncio.StreamWriter, said: asyncio.Queue[str]) -> None:
    with suppress(OSError, TimeoutError):
        while True:
            await _write(writer, Said(await said.get()))


async def _write(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    writer.write(msgspec.json.encode(message) + b"\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await writer.drain()


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """In a folder that is its owner's alone; what a killed supervisor left there is removed."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat()
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        raise ConfigError(f"{folder} is open to others. Make it yours alone: `chmod 700 {folder}`.")
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)
