"""One engine that runs here: what it is to run, its processes, and what is being done to it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from appliance.errors import Conflict, EngineFailed, RingfenceError
from appliance.settings import EngineSettings
from inference.control import State, Status
from inference.roster import Absence, Adapter, Hold, Post
from inference.supervise.board import Board
from inference.supervise.decided import Wanted
from inference.supervise.desk import Say
from inference.supervise.keeper import Keeper
from inference.supervise.log import EngineLog
from inference.supervise.outfit import Outfit
from inference.supervise.placement import NoPlace

ABSENT: Mapping[State, str] = {
    "placing": "no GPU is free for it",
    "waiting": "it broke down and is started again",
    "failed": "it broke down and stays down until it is started again",
}
# Between SIGTERM and the grace before SIGKILL, for a process that has nothing more to answer.
END_SECONDS = 5.0


class Hand:
    """One process."""

    def __init__(self, outfit: Outfit, keeper: Keeper) -> None:
        self.outfit = outfit
        self.keeper = keeper
        self.copies = dict(outfit.copies)
        """Of the adapters that it has now."""
        self.begun = 0.0
        """When its process was last started."""

    @property
    def is_up(self) -> bool:
        return self.keeper.state not in ("stopped", "failed")

    async def end(self) -> bool:
        """True when it ended by itself."""
        ended = await self.keeper.stop(END_SECONDS)
        self._clear()
        return ended

    def _clear(self) -> None:
        # vLLM leaves its socket behind, and the next process has another one.
        if self.outfit.kept.socket is not None:
            self.outfit.kept.socket.unlink(missing_ok=True)


OutfitFor = Callable[["Berth", Wanted, Hand | None], Awaitable[Outfit | NoPlace]]


class Quarters(Struct, frozen=True):
    """What all berths share."""

    board: Board
    outfit: OutfitFor
    """For a process that runs this, in the place of that hand where one is named."""
    on_change: Callable[[], None]
    """Whatever of it people or workers can see."""
    on_decision: Callable[[], None]
    """What it is to run is another thing, also after a restart."""
    placing_seconds: float
    """Between two attempts to find a place."""


class Berth:
    def __init__(self, engine: EngineSettings, wanted: Wanted, log: EngineLog, quarters: Quarters) -> None:
        self.engine = engine
        self.name = engine.name
        self.wanted = wanted
        self.log = log
        self.hand: Hand | None = None
        """The one that requests go to."""
        self.coming: Hand | None = None
        self.leaving: list[Hand] = []
        self.is_held = False
        """Requests wait until there is a hand again."""
        self.doing = ""
        """The order that is carried out now; another one has to wait."""
        self.swapping = ""
        self.note = ""
        """What became of the last order, where that is worth telling."""
        self.trouble: tuple[State, str] | None = None
        """Why there is no hand."""
        self.swaps = {"done": 0, "refused": 0}
        self.start_seconds: float | None = None
        """Of the last start, until it served."""
        self.quarters = quarters
        self._past_restarts = 0
        self._placing: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def hands(self) -> list[Hand]:
        return [each for each in (self.hand, self.coming, *self.leaving) if each is not None]

    @property
    def restarts(self) -> int:
        return self._past_restarts + sum(hand.keeper.restarts for hand in self.hands)

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        return tuple(Adapter(each.name, each.tenants) for each in self.wanted.adapters)

    def listed(self) -> tuple[list[Post], list[Hold], list[Absence]]:
        """In the roster. Engines that workers know without it are not."""
        if self.engine.kind != "vllm":
            return [], [], []
        posts = [replace(hand.outfit.post, leaving=True) for hand in self.leaving if hand.outfit.post]
        if self.hand and self.hand.outfit.post and self.hand.keeper.state == "serving":
            return [replace(self.hand.outfit.post, adapters=self.adapters), *posts], [], []
        if self.is_held:
            return posts, [Hold(self.name, self.wanted.names, self.adapters)], []
        names, stopped = self.wanted.names, self.wanted.stopped
        return posts, [], [Absence(self.name, names, self.adapters, reason=self._absence(), stopped=stopped)]

    def begin(self) -> None:
        """Goes on in the background until it has a hand; a stopped one stays so."""
        if not self.wanted.stopped and (self._placing is None or self._placing.done()):
            self.trouble = None
            self._placing = asyncio.create_task(self._place(), name=f"{self.name}: placing")

    async def end(self) -> bool:
        """Of the whole appliance: true when all ended by themselves."""
        await self.cancel_placing()
        return all(await asyncio.gather(*(hand.end() for hand in self.hands)))

    async def cancel_placing(self) -> None:
        if self._placing is not None:
            self._placing.cancel()
            await asyncio.wait([self._placing])
            self._placing = None
        self.trouble = None

    async def start(self, say: Say) -> None:
        self.decide(replace(self.wanted, stopped=False))
        if self.hand is not None and not self.hand.is_up and (failed := self.dismiss()):
            # Its GPUs may be another's by now.
            await self.remove(failed)
        if self.hand is not None:
            self.hand.keeper.start()
        else:
            self.begin()
        await self._until_serving(say)

    async def stop(self, say: Say) -> None:
        self.decide(replace(self.wanted, stopped=True))
        await self.cancel_placing()
        hand = self.dismiss()
        if hand is not None:
            say("no new requests; those that run may end")
            await self.drain(hand)
            await self.remove(hand)

    def decide(self, wanted: Wanted) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.quarters.on_decision()

    def sign_on(self, outfit: Outfit) -> Hand:
        keeper = Keeper(outfit.kept, outfit.connect, self.log, self._on_keeper)
        return Hand(outfit, keeper)

    def dismiss(self) -> Hand | None:
        """Workers hear that it leaves."""
        hand, self.hand = self.hand, None
        if hand is not None:
            self.leaving.append(hand)
        self.changed()
        return hand

    async def drain(self, hand: Hand) -> bool:
        """Until no worker uses it; a process that answers nobody is not waited for."""
        if hand.outfit.post is None or hand.keeper.state != "serving":
            return True
        return await self.quarters.board.until_unused(hand.outfit.post.id, self.engine.launch.drain_seconds)

    async def remove(self, hand: Hand) -> None:
        await hand.end()
        self._past_restarts += hand.keeper.restarts
        if hand is self.coming:
            self.coming = None
        if hand in self.leaving:
            self.leaving.remove(hand)
        self.changed()

    async def comes_up(self, hand: Hand, say: Say) -> bool:
        """False at its first crash: one that never served is not tried again while callers wait."""
        told = ""
        while hand.keeper.state not in ("serving", "waiting", "failed", "stopped"):
            words = f"{hand.outfit.model}: {hand.keeper.state} {hand.keeper.progress}".rstrip()
            if words != told:
                say(words)
                told = words
            await self.news()
        return hand.keeper.state == "serving"

    async def news(self) -> None:
        await self._news.wait()

    def changed(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
        self.quarters.on_change()

    def status(self, now: float) -> Status:
        hand = self.hand or (self.leaving[-1] if self.leaving else self.coming)
        state, reason = self.trouble or (("stopped", "") if hand is None else (hand.keeper.state, hand.keeper.reason))
        known: dict[str, Any] = {}
        if hand is not None:
            keeper = hand.keeper
            known = {
                "precision": hand.outfit.precision,
                "gpus": hand.outfit.gpus,
                "pid": keeper.pid,
                "seconds": round(max(0.0, now - keeper.life.since), 1),
                "progress": keeper.progress,
                "restarts": self.restarts,
                "running": keeper.health.running,
                "waiting": keeper.health.waiting,
            }
        return Status(
            engine=self.name,
            kind=self.engine.kind,
            state=state,
            model=self.wanted.model,
            names=self.wanted.names,
            reason=reason or self.note,
            adapters=self.adapters,
            swapping=self.swapping,
            **known,
        )

    async def _place(self) -> None:
        while True:
            try:
                found = await self.quarters.outfit(self, self.wanted, None)
            except RingfenceError as error:
                self._troubled("failed", error.message)
                return
            if isinstance(found, Outfit):
                break
            self._troubled("placing", found.reason)
            await asyncio.sleep(self.quarters.placing_seconds)
        self.trouble = None
        self.hand = self.sign_on(found)
        self.hand.keeper.start()
        self.changed()

    def _absence(self) -> str:
        """For callers: no word of what went wrong inside."""
        if self.wanted.stopped:
            return "it was stopped"
        state = self.trouble[0] if self.trouble else self.hand.keeper.state if self.hand else "starting"
        progress = self.hand.keeper.progress if self.hand else ""
        words = ABSENT.get(state, "it is starting")
        return f"{words}: {progress}" if progress else words

    def _troubled(self, state: State, reason: str) -> None:
        if self.trouble != (state, reason):
            self.trouble = (state, reason)
            self.changed()

    async def _until_serving(self, say: Say) -> None:
        while True:
            if self.trouble is not None:
                state, reason = self.trouble
                raise (EngineFailed if state == "failed" else Conflict)(reason)
            if self.hand is not None and await self.comes_up(self.hand, say):
                return
            if self.hand is not None and self.hand.keeper.state == "failed":
                raise EngineFailed(self.hand.keeper.reason)
            await self.news()

    def _on_keeper(self, keeper: Keeper) -> None:
        for hand in self.hands:
            if hand.keeper is keeper and keeper.state == "starting":
                hand.begun = keeper.life.since
            if hand.keeper is keeper and keeper.state == "serving" and hand.begun:
                self.start_seconds, hand.begun = round(keeper.life.since - hand.begun, 2), 0.0
        self.changed()
