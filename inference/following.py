"""Keeps a worker's seats as the supervisor's roster has them, and tells it what is still running where."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import aclosing, suppress
from pathlib import Path

import msgspec

from appliance.settings import EngineSettings
from inference.control import LONGEST_LINE, Follow
from inference.engine import Engine
from inference.fleet import Fleet
from inference.roster import Absence, Adapter, Post, Roster, Seen
from inference.routing import Seat, Vacant

FIRST_SECONDS = 2.0
# Between two attempts to reach a supervisor that is not there: it doubles.
LEAST_PAUSE, LONGEST_PAUSE = 0.05, 1.0

log = logging.getLogger(__name__)


class Follower:
    """`connect` makes the client of a post."""

    def __init__(
        self, worker: str, socket: Path, launched: Iterable[EngineSettings], connect: Callable[[Post], Engine]
    ) -> None:
        self._worker = worker
        self._socket = socket
        self._connect = connect
        self._last = {engine.name: _absence(engine) for engine in launched}
        """What each engine was called last, for as long as it has no post."""
        self._seats: dict[str, Seat] = {}
        self._version = 0
        self._supervisor: asyncio.StreamWriter | None = None
        self._told = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, fleet: Fleet) -> None:
        fleet.vacate(self, Vacant(absent=tuple(self._last.values())))
        self._begin(self._follow(fleet))
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                await self._told.wait()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, fleet: Fleet) -> None:
        pause = LEAST_PAUSE
        while True:
            try:
                async with aclosing(self._rosters()) as rosters:
                    async for roster in rosters:
                        self._take(fleet, roster)
                        pause = LEAST_PAUSE
            except (OSError, EOFError, asyncio.LimitOverrunError, msgspec.DecodeError) as error:
                if pause == LEAST_PAUSE:
                    log.warning("the supervisor is away (%s); what it said last counts", type(error).__name__)
            except Exception:
                log.exception("a roster could not be followed; the one before it counts")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _rosters(self) -> AsyncGenerator[Roster, None]:
        """What one connection brings."""
        reader, writer = await asyncio.open_unix_connection(self._socket, limit=LONGEST_LINE)
        try:
            writer.write(msgspec.json.encode(Follow(self._worker)) + b"\n")
            self._supervisor = writer
            while True:
                yield _roster.decode(await reader.readuntil(b"\n"))
        finally:
            self._supervisor = None
            writer.transport.abort()

    def _take(self, fleet: Fleet, roster: Roster) -> None:
        # The settings may be newer here than there, or older.
        posts = {post.id: post for post in roster.posts if post.engine in self._last}
        for post in posts.values():
            self._place(fleet, post)
        for gone in self._seats.keys() - posts.keys():
            seat = self._seats.pop(gone)
            if not seat.leaving:
                fleet.dismiss(seat, told_to_end=False)
        fleet.vacate(self, self._vacant(roster, [post for post in posts.values() if not post.leaving]))
        self._version = roster.version
        self._told.set()
        self._tell_seen()

    def _place(self, fleet: Fleet, post: Post) -> None:
        seat = self._seats.get(post.id)
        if seat is None:
            if not post.leaving:
                self._seats[post.id] = fleet.join(self._connect(post), post)
            return
        if seat.leaving:
            return
        seat.post = post
        if post.leaving:
            fleet.dismiss(seat)
            self._begin(self._tell_vacated(seat))
        elif not seat.known:
            seat.doubted.set()

    def _vacant(self, roster: Roster, posts: list[Post]) -> Vacant:
        for post in posts:
            self._last[post.engine] = Absence(post.engine, post.names, post.adapters, reason="it is not running now")
        holds = tuple(hold for hold in roster.holds if hold.engine in self._last)
        taken = {each.engine for each in (*posts, *holds)}
        known = self._last | {absence.engine: absence for absence in roster.absent if absence.engine in self._last}
        return Vacant(holds, tuple(absence for engine, absence in known.items() if engine not in taken))

    async def _tell_vacated(self, seat: Seat) -> None:
        await seat.vacated.wait()
        self._tell_seen()

    def _tell_seen(self) -> None:
        if self._supervisor is not None:
            in_flight = {id_: seat.in_flight for id_, seat in self._seats.items() if seat.in_flight}
            self._supervisor.write(msgspec.json.encode(Seen(self._version, in_flight)) + b"\n")

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_roster = msgspec.json.Decoder(Roster)


def _absence(engine: EngineSettings) -> Absence:
    """As the settings have it, until its first post is known."""
    names = engine.models or (engine.launch.model,)
    adapters = tuple(Adapter(each.name, each.tenants) for each in engine.launch.adapters)
    return Absence(engine.name, names, adapters, reason="it has not started yet")
