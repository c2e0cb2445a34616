"""The engines of one worker, and the watch over them."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from appliance.errors import RingfenceError
from inference.engine import Engine
from inference.messages import Health, ServedModel
from inference.routing import Seat, find_unknown

LEAST_SECONDS = 0.2  # between two looks at one engine, however often it fails
UNREADY_SECONDS = 0.25

log = logging.getLogger(__name__)


class Fleet:
    def __init__(self, engines: Iterable[Engine], every_seconds: float = 2.0) -> None:
        self.seats = [Seat(engine) for engine in engines]
        self._every = every_seconds
        self._watches: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to watch; engines that are up already are known on return."""
        first = [asyncio.create_task(self._look(seat)) for seat in self.seats]
        if first:
            await asyncio.wait(first, timeout=1.0)
        self._watches = [
            *first,
            *(asyncio.create_task(self._watch(seat, task)) for seat, task in zip(self.seats, first, strict=True)),
        ]

    async def close(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await asyncio.gather(*(seat.engine.close() for seat in self.seats))

    def models(self) -> list[ServedModel]:
        found = {model.id: model for seat in self.seats for model in seat.models.values()}
        return [found[name] for name in sorted(found)]

    @property
    def waits_for(self) -> list[str]:
        """Why the fleet is not ready: every model needs one engine that can produce a token."""
        if not self.seats:
            return ["no engine is configured"]
        served = {name for seat in self.seats if seat.health.ready for name in seat.models}
        unknown = find_unknown(self.seats)
        return [
            seat.trouble
            for seat in self.seats
            if not seat.health.ready and (seat in unknown or not seat.models.keys() <= served)
        ]

    async def _watch(self, seat: Seat, first: "asyncio.Task[None]") -> None:
        await asyncio.wait([first])
        while True:
            every = self._every if seat.health.ready else min(self._every, UNREADY_SECONDS)
            least = min(every, LEAST_SECONDS)
            await asyncio.sleep(least)
            with suppress(TimeoutError):
                async with asyncio.timeout(every - least):
                    await seat.doubted.wait()
            seat.doubted.clear()
            await self._look(seat)

    async def _look(self, seat: Seat) -> None:
        before = seat.health
        try:
            health = await seat.engine.health()
            if health.ready and not (before.ready and seat.models):
                seat.models = {model.id: model for model in await seat.engine.models()}
        except RingfenceError as error:
            health = Health(ready=False, reason=error.message)
        except Exception:
            log.exception("engine %s: its health could not be read", seat.engine.name)
            health = Health(ready=False, reason="its health could not be read; see the log")
        seat.health = health
        if health.ready != before.ready:
            log.info(
                "engine %s is %s",
                seat.engine.name,
                "ready" if health.ready else f"not ready: {health.reason}",
            )
