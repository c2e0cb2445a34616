"""All engines that run here: kept running, changed by orders, and off GPUs that fail."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from pathlib import Path

from msgspec import Struct

from appliance import enginefigures
from appliance.enginefigures import EngineFigures
from appliance.errors import Conflict, Draining, InvalidRequest, NotFound, RingfenceError
from appliance.gpus import faults, watch
from appliance.settings import AdapterSettings, EngineSettings
from inference.control import Done
from inference.roster import Absence, Hold, Post
from inference.supervise import decided
from inference.supervise.berth import Berth, Hand, Quarters
from inference.supervise.board import Board
from inference.supervise.decided import Wanted
from inference.supervise.desk import Say
from inference.supervise.exchange import Exchange
from inference.supervise.log import EngineLog, log_file
from inference.supervise.outfit import Outfit, Outfitter, Request
from inference.supervise.placement import NoPlace, Taken

log = logging.getLogger(__name__)


class Places(Struct, frozen=True):
    var: Path
    figures: Path
    """The folder where those of the GPUs are, and those of the engines are to be."""


class Pace(Struct, frozen=True):
    look_seconds: float = 2.0
    """Between two looks at the GPUs."""
    placing_seconds: float = 5.0
    """Between two attempts to find a place for an engine that has none."""
    move_again_seconds: float = 60.0
    """After an engine could not be moved off a GPU that fails."""


PACE = Pace()


class Crew:
    def __init__(
        self, engines: Iterable[EngineSettings], outfitter: Outfitter, places: Places, pace: Pace = PACE
    ) -> None:
        self.board = Board()
        self._outfitter = outfitter
        self._places = places
        self._pace = pace
        known = decided.read(places.var)
        self._gpus = faults.Record(aside=known.set_aside)
        quarters = Quarters(self.board, self._outfit, self._publish, self._remember, pace.placing_seconds)
        self.berths = {
            engine.name: Berth(
                engine, decided.wanted_now(engine, known), EngineLog(log_file(places.var, engine.name)), quarters
            )
            for engine in engines
        }
        self._started = 0
        self._ending = False
        self._shown: tuple[EngineFigures, ...] = ()
        self._placing = asyncio.Lock()
        self._works: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        for berth in self.berths.values():
            berth.begin()
        self._publish()
        self._go(self._watch_gpus(), "watch over the GPUs")

    async def stop(self) -> bool:
        """True when all of them ended by themselves."""
        self._ending = True
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        return all(await asyncio.gather(*(berth.end() for berth in self.berths.values())))

    def kill(self) -> None:
        for hand in self._hands():
            hand.keeper.kill()

    def begin_work(self, berth: Berth, words: str, job: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """One at a time for each engine. It goes on when nobody waits for it any more."""
        if self._ending:
            job.close()
            raise Draining("The appliance is shutting down. Start it again, then give the order.")
        if berth.doing:
            job.close()
            raise Conflict(
                f"{berth.name} is busy with {berth.doing}. Wait until `ringfence engines list` shows its end, then "
                "ask again."
            )
        berth.doing, berth.note = words, ""
        return self._go(self._work(berth, job), f"{berth.name}: {words}")

    async def swap(self, berth: Berth, wanted: Wanted, say: Say) -> None:
        found = await self._outfit(berth, wanted, berth.hand)
        if isinstance(found, NoPlace):
            raise Conflict(found.reason)
        if berth.hand is not None and berth.hand.outfit.post is not None:
            await Exchange(berth, wanted, found, say).run()
            return
        # None serves, or one that workers find at its fixed place.
        await berth.stop(say)
        berth.decide(wanted)
        await berth.start(say)

    def trust(self, gpu: str) -> None:
        trusted = faults.trust(self._gpus, gpu)
        if trusted is None:
            raise NotFound(f"No GPU {gpu!r} is set aside. `ringfence engines list` shows which are.")
        self._gpus = trusted
        self._remember()

    async def bring(self, hand: Hand, given: AdapterSettings) -> Path:
        """The copy of an adapter that this process can load."""
        assert hand.outfit.bring is not None
        async with self._placing:
            copy = hand.copies[given.name] = await asyncio.to_thread(hand.outfit.bring, given)
        return copy

    async def sweep(self) -> None:
        """Removes copies of adapters that no process has."""
        async with self._placing:
            used = {copy for hand in self._hands() for copy in hand.copies.values()}
            await asyncio.to_thread(self._outfitter.sweep, used)

    def berth(self, name: str) -> Berth:
        if name in self.berths:
            return self.berths[name]
        here = ", ".join(self.berths) or "none"
        raise NotFound(f"No engine {name!r} runs here; those that do: {here}. Name one of them.")

    def done(self, berths: Iterable[Berth] | None = None) -> Done:
        now = asyncio.get_running_loop().time()
        found = self.berths.values() if berths is None else berths
        return Done(engines=tuple(berth.status(now) for berth in found), set_aside=dict(self._gpus.aside))

    async def _outfit(self, berth: Berth, wanted: Wanted, old: Hand | None) -> Outfit | NoPlace:
        # One at a time, so that no two get the same room; whoever gets it takes it before the next one looks.
        async with self._placing:
            self._started += 1
            request = Request(
                engine=berth.engine,
                wanted=wanted,
                post=f"{berth.name}.{self._started}",
                aside=self._gpus.aside,
                taken=tuple(self._taken()),
                old=old.outfit.taken if old is not None and old.is_up else None,
            )
            try:
                return await asyncio.to_thread(self._outfitter.fit, request)
            except RingfenceError:
                raise
            except Exception as error:
                log.exception("engine %s cannot be fitted out", berth.name)
                raise InvalidRequest(f"{berth.name} cannot be fitted out: {error!r}. See the log.") from error

    def _hands(self) -> list[Hand]:
        return [hand for berth in self.berths.values() for hand in berth.hands]

    def _taken(self) -> Iterable[Taken]:
        """Also for one that is to come, so that nobody else gets what the one before it gives back."""
        for berth in self.berths.values():
            for hand in berth.hands:
                if hand.outfit.taken is not None and (hand.is_up or hand is not berth.hand):
                    yield hand.outfit.taken

    def _publish(self) -> None:
        posts: list[Post] = []
        holds: list[Hold] = []
        absent: list[Absence] = []
        for berth in self.berths.values():
            theirs = berth.listed()
            posts += theirs[0]
            holds += theirs[1]
            absent += theirs[2]
        self.board.publish(posts, holds, absent)
        self._show()

    def _show(self) -> None:
        """In `/metrics`."""
        now = asyncio.get_running_loop().time()
        figures = tuple(
            EngineFigures(
                engine=berth.name,
                state=berth.status(now).state,
                restarts=berth.restarts,
                start_seconds=berth.start_seconds,
                swaps=dict(berth.swaps),
            )
            for berth in self.berths.values()
        )
        if figures == self._shown:
            return
        self._shown = figures
        try:
            enginefigures.write(self._places.figures, figures)
        except OSError as error:
            log.warning("the engines' figures cannot be kept: %s", error.strerror)

    def _remember(self) -> None:
        pairs = [(berth.engine, berth.wanted) for berth in self.berths.values()]
        decided.write(self._places.var, decided.decide(pairs, self._gpus.aside))

    def _go(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._works.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._works.discard(task)
        # Those who wait for it hear of it; where nobody does, it stands in the log already.
        if not task.cancelled():
            task.exception()

    async def _work(self, berth: Berth, job: Coroutine[None, None, None]) -> None:
        try:
            await job
        except RingfenceError as error:
            berth.note = error.message
            log.warning("engine %s: %s: %s", berth.name, berth.doing, error.message)
            raise
        except Exception:
            log.exception("engine %s: %s", berth.name, berth.doing)
            raise
        finally:
            berth.doing = ""
            berth.changed()

    async def _watch_gpus(self) -> None:
        loop = asyncio.get_running_loop()
        not_before: dict[str, float] = {}
        while True:
            await asyncio.sleep(self._pace.look_seconds)
            snapshot = watch.last(self._places.figures)
            if snapshot is None:
                continue
            before, self._gpus = self._gpus, faults.judge(self._gpus, snapshot)
            if before.aside != self._gpus.aside:
                for uuid in self._gpus.aside.keys() - before.aside.keys():
                    log.error("%s", self._gpus.aside[uuid])
                self._remember()
            for berth in self.berths.values():
                if self._is_on_failing(berth) and not berth.doing and not_before.get(berth.name, 0.0) <= loop.time():
                    not_before[berth.name] = loop.time() + self._pace.move_again_seconds
                    self.begin_work(berth, "its way off a GPU that fails", self._move(berth))

    def _is_on_failing(self, berth: Berth) -> bool:
        taken = berth.hand.outfit.taken if berth.hand else None
        return taken is not None and not self._gpus.aside.keys().isdisjoint(taken.uuids)

    async def _move(self, berth: Berth) -> None:
        """To other GPUs, after its requests have ended where it still answers; else it waits for a place."""
        hand = berth.hand
        if hand is None:
            return
        if hand.keeper.state == "serving" and hand.keeper.health.ready:
            found = await self._outfit(berth, berth.wanted, hand)
            if isinstance(found, Outfit):
                await Exchange(berth, berth.wanted, found, lambda text: log.info("%s", text)).run()
                return
            berth.dismiss()
            await berth.drain(hand)
        else:
            hand.keeper.kill()
            berth.dismiss()
        await berth.remove(hand)
        berth.begin()
