"""The engines of one worker, and the watch over them."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from msgspec import Struct

from appliance.errors import RingfenceError
from inference.engine import Engine
from inference.messages import Health, ServedModel, Task
from inference.roster import Post
from inference.routing import Seat, Vacant, find_coming, find_unknown, plan
from inference.waiting import WaitingRoom

LEAST_SECONDS = 0.2  # between two looks at one engine, however often it fails
UNREADY_SECONDS = 0.25
FIRST_SECONDS = 1.0

log = logging.getLogger(__name__)


class Source(Protocol):
    """Whoever knows of engines that come and go."""

    async def start(self, fleet: "Fleet") -> None:
        """On return the first of them have joined, if they are known by then."""

    async def close(self) -> None: ...


class Standing(Struct, frozen=True):
    """How an engine of the settings fares, for metrics."""

    ready: bool = False
    in_flight: int = 0
    waiting: int = 0
    """For it to come up."""


class Fleet:
    def __init__(
        self,
        engines: Iterable[Engine],
        every_seconds: float = 2.0,
        *,
        sources: Sequence[Source] = (),
        room: WaitingRoom | None = None,
    ) -> None:
        self.seats = [Seat(engine) for engine in engines]
        self.room = room or WaitingRoom({}, lambda _: None)
        self._every = every_seconds
        self._sources = sources
        self._told: dict[Source, Vacant] = {}
        self._vacant = Vacant()
        self._last_served: dict[str, dict[str, ServedModel]] = {}
        self._watches: dict[Seat, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begins to watch; engines that are up already are known on return."""
        for seat in self.seats:
            self._begin(seat)
        for source in self._sources:
            await source.start(self)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                for seat in tuple(self.seats):
                    await seat.looked.wait()

    async def close(self) -> None:
        for source in self._sources:
            await source.close()
        tasks = (*self._watches.values(), *self._closing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(seat.engine.close() for seat in self.seats))

    async def plan(self, model: str, task: Task, tenant: str) -> list[Seat]:
        """Engines that may take a call, best first; waits while there is none and one is on its way."""
        if found := plan(self.seats, self._vacant, model, task, tenant):
            return found
        engine = find_coming(self.seats, self._vacant, model, tenant)
        assert engine is not None
        with self.room.place(engine) as until:
            while not (found := plan(self.seats, self._vacant, model, task, tenant)):
                await self.room.news(engine, until)
        return found

    def join(self, engine: Engine, post: Post | None = None) -> Seat:
        seat = Seat(engine)
        seat.label = engine.group
        seat.post = post
        self.seats.append(seat)
        self._begin(seat)
        return seat

    def dismiss(self, seat: Seat, *, told_to_end: bool = True) -> None:
        """It gets no new requests, and is closed when its last one is over."""
        seat.leave(told_to_end=told_to_end)
        self._watches.pop(seat).cancel()
        self._last_served[seat.engine.group] = seat.models
        closing = asyncio.create_task(self._close(seat))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self.room.tell()

    def vacate(self, source: Source, vacant: Vacant) -> None:
        """What this source knows of engines that have no seat now."""
        self._told[source] = vacant
        self._vacant = Vacant(
            tuple(hold for told in self._told.values() for hold in told.holds),
            tuple(absence for told in self._told.values() for absence in told.absent),
        )
        self.room.tell()

    def models(self, tenant: str) -> list[ServedModel]:
        """What this tenant may ask for, also where an engine is down for a while."""
        away = [*self._vacant.holds, *(absence for absence in self._vacant.absent if not absence.stopped)]
        lately = [(each, model) for each in away for model in self._last_served.get(each.engine, {}).values()]
        found = {model.id: model for each, model in lately if each.answers_to(model.id, tenant)}
        for seat in self.seats:
            found |= {name: model for name, model in seat.models.items() if seat.serves(name, tenant)}
        return [found[name] for name in sorted(found)]

    @property
    def waits_for(self) -> list[str]:
        """Why the fleet is not ready: every model needs one engine that can produce a token, or is on its way."""
        if not (self.seats or self._vacant.holds or self._vacant.absent):
            return ["no engine is configured"]
        served = {name for seat in self.seats if seat.health.ready and not seat.leaving for name in seat.models}
        unknown = find_unknown(self.seats)
        # A post that has only just come up is no reason: who asks for it waits.
        settled = [seat for seat in self.seats if not seat.leaving and (seat.post is None or seat.looked.is_set())]
        lacking = [
            seat for seat in settled if not seat.health.ready and (seat in unknown or not seat.promised <= served)
        ]
        away = [absence for absence in self._vacant.absent if not absence.stopped]
        return [*(seat.trouble for seat in lacking), *(absence.trouble for absence in away)]

    def standings(self) -> dict[str, Standing]:
        """By the name that metrics know; engines without a seat are there too."""
        waiting = self.room.present
        vacant = (*self._vacant.holds, *self._vacant.absent)
        found = {each.engine: Standing(waiting=waiting[each.engine]) for each in vacant}
        for seat in self.seats:
            known = found.get(seat.label, Standing())
            ready = known.ready or (seat.health.ready and not seat.leaving)
            found[seat.label] = Standing(ready, known.in_flight + seat.in_flight, waiting[seat.label])
        return found

    def _begin(self, seat: Seat) -> None:
        self._watches[seat] = asyncio.create_task(self._watch(seat))

    async def _watch(self, seat: Seat) -> None:
        await self._look(seat)
        seat.looked.set()
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
            if health.ready and not (before.ready and seat.known):
                seat.models = {model.id: model for model in await seat.engine.models()}
        except RingfenceError as error:
            health = Health(ready=False, reason=error.message)
        except Exception:
            log.exception("engine %s: its health could not be read", seat.engine.name)
            health = Health(ready=False, reason="its health could not be read; see the log")
        seat.health = health
        if health.ready:
            self.room.tell()
        if health.ready != before.ready:
            log.info(
                "engine %s is %s",
                seat.engine.name,
                "ready" if health.ready else f"not ready: {health.reason}",
            )

    async def _close(self, seat: Seat) -> None:
        await seat.vacated.wait()
        await seat.engine.close()
        self.seats.remove(seat)
