"""Servers behind a name: each address that it has is one, and they come and go."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from urllib.parse import urlsplit

from appliance.settings import EngineSettings
from inference.engine import Engine
from inference.fleet import Fleet
from inference.roster import Absence
from inference.routing import Seat, Vacant

EVERY_SECONDS = 5.0
# For the first answer, and for the first look at what it names.
FIRST_SECONDS = 2.0

Resolve = Callable[[str], Awaitable[frozenset[str]]]

log = logging.getLogger(__name__)


async def resolve(name: str) -> frozenset[str]:
    """Its IPv4 and IPv6 addresses. The system's resolver works in a thread."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return frozenset(str(address[0]) for *_, address in found)


class Discovery:
    """`connect` makes the client of the server at an address, under a number that is given once."""

    def __init__(
        self,
        engine: EngineSettings,
        connect: Callable[[str, int], Engine],
        resolve: Resolve = resolve,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._engine = engine
        self._name = urlsplit(engine.discover).hostname or ""
        self._connect = connect
        self._resolve = resolve
        self._every = every_seconds
        self._numbers = count(1)
        self._seats: dict[str, Seat] = {}
        self._answered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, fleet: Fleet) -> None:
        self._tell_vacant(fleet)
        self._task = asyncio.create_task(self._watch(fleet))
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                await self._answered.wait()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self, fleet: Fleet) -> None:
        failing = False
        while True:
            try:
                await self._take(fleet, await self._resolve(self._name))
                failing = False
            except OSError as error:
                if not failing:
                    log.warning("engine %s: %s cannot be looked up: %s", self._engine.name, self._name, error)
                failing = True
            except Exception:
                log.exception("engine %s: its servers cannot be followed", self._engine.name)
            self._answered.set()
            await asyncio.sleep(self._every)

    async def _take(self, fleet: Fleet, addresses: frozenset[str]) -> None:
        """Who is new is looked at before others go, so that there is always somebody to answer."""
        new = {each: self._join(fleet, each) for each in sorted(addresses - self._seats.keys())}
        self._seats |= new
        self._tell_vacant(fleet)
        self._answered.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                for seat in new.values():
                    await seat.looked.wait()
        for gone in self._seats.keys() - addresses:
            seat = self._seats.pop(gone)
            log.info("engine %s has left: %s no longer names %s", seat.engine.name, self._name, gone)
            fleet.dismiss(seat)
        self._tell_vacant(fleet)

    def _join(self, fleet: Fleet, address: str) -> Seat:
        seat = fleet.join(self._connect(address, next(self._numbers)))
        log.info("engine %s is at %s, says %s", seat.engine.name, address, self._name)
        return seat

    def _tell_vacant(self, fleet: Fleet) -> None:
        absence = Absence(self._engine.name, self._engine.models, reason="its name has no address")
        fleet.vacate(self, Vacant(absent=() if self._seats else (absence,)))
