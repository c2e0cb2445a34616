"""The supervisor's side of the roster on its real socket, said by a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from inference.control import Follow
from inference.roster import Absence, Hold, Post, Roster, Seen


def post(id_: str, *names: str, **more: object) -> Post:
    """Of the engine that its name begins with."""
    return Post(id=id_, engine=id_.partition(".")[0], socket=f"/none/{id_}", names=names or ("m",), **more)  # type: ignore[arg-type]


class Supervisor:
    def __init__(self, socket: Path) -> None:
        self.followers: list[str] = []
        self.seen: list[Seen] = []
        self._socket = socket
        self.on_seen: Callable[[Seen], None] = self.seen.append
        self._roster = Roster(version=0)
        self._writers: set[asyncio.StreamWriter] = set()
        self._visits: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        self._socket.parent.mkdir(parents=True, exist_ok=True)
        server = await asyncio.start_unix_server(self._lead, self._socket)
        try:
            yield
        finally:
            server.close()
            self._socket.unlink(missing_ok=True)
            self.hang_up()
            await asyncio.gather(*self._visits, return_exceptions=True)

    def publish(self, *posts: Post, holds: tuple[Hold, ...] = (), absent: tuple[Absence, ...] = ()) -> int:
        """Its version."""
        self._roster = Roster(version=self._roster.version + 1, posts=posts, holds=holds, absent=absent)
        for writer in self._writers:
            self._say(writer)
        return self._roster.version

    def hang_up(self, said: bytes = b"") -> None:
        """Also in the middle of a line."""
        for writer in self._writers:
            writer.write(said)
            writer.close()

    async def until_seen(self, version: int, in_flight: dict[str, int] | None = None) -> None:
        """The last word of a worker is this."""
        await until(lambda: bool(self.seen) and self.seen[-1] == Seen(version, in_flight or {}))

    def _say(self, writer: asyncio.StreamWriter) -> None:
        writer.write(msgspec.json.encode(self._roster) + b"\n")

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        self.followers.append(msgspec.json.decode(await reader.readline(), type=Follow).worker)
        self._writers.add(writer)
        self._say(writer)
        try:
            while line := await reader.readline():
                self.on_seen(msgspec.json.decode(line, type=Seen))
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            self._visits.discard(visit)
            writer.close()


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.002)
