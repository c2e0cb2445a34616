"""One post of an engine, kept running: its process is spawned, read, watched and told to end."""

import asyncio
import logging
import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from appliance import config
from appliance.children import REFUSED
from appliance.errors import RingfenceError
from appliance.process import Leash, Line, Output, how_it_ended, signal_group, signal_process, spawn
from inference.command import Command
from inference.control import Crash, State
from inference.engine import Engine
from inference.messages import Health
from inference.supervise import causes, loading
from inference.supervise.lifecycle import (
    Action,
    Answered,
    Crashed,
    Cut,
    Event,
    Exited,
    Life,
    Looked,
    Signal,
    Spawn,
    Spawned,
    Start,
    Stop,
    Tick,
    Timings,
    step,
)
from inference.supervise.log import EngineLog

logger = logging.getLogger(__name__)

# Of a process, to find the cause in: what breaks first in vLLM is said long before its last lines.
LAST_LINES = 500
CRASH_LINES = 50
TOLD_LINES = 20
LOOK_SECONDS = 1.0
FIRST_LOOK_SECONDS = 0.05
# A look at one that starts may take so long; most end at once, for nobody listens yet.
ANSWER_SECONDS = 5.0
# Looks become rarer while it starts: a fortieth of the time that it has taken.
PATIENCE = 40


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept running."""

    name: str
    """In logs: of the engine, or of the post."""
    command: Command
    timings: Timings = Timings()
    socket: Path | None = None
    """Where it listens; what a killed process left there is removed before the next one starts."""


class Keeper:
    """`connect` makes a client for each new process; what the last one proved says nothing of the next.

    `on_change` is called whenever the state, the progress or the reason is another one.
    """

    def __init__(
        self, kept: Kept, connect: Callable[[], Engine], log: EngineLog, on_change: Callable[["Keeper"], None]
    ) -> None:
        self.kept = kept
        self.log = log
        """Of the engine, so that posts that follow one another share it: lines, crashes, subscribe()."""
        self.life = Life()
        """state, since (of the event loop's clock), pid, crashes, restarts, reason."""
        self.health = Health(False)
        """The last look."""
        self.progress = ""
        """While it starts."""
        self._connect = connect
        self._on_change = on_change
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._timer: asyncio.TimerHandle | None = None
        self._process: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        return self.life.state

    @property
    def pid(self) -> int | None:
        return self.life.pid

    @property
    def restarts(self) -> int:
        return self.life.restarts

    @property
    def reason(self) -> str:
        return self.life.reason

    @property
    def crashes(self) -> tuple[Crash, ...]:
        return tuple(self.log.crashes)

    def start(self) -> None:
        """Also out of `failed`, and out of a wait. While it drains: it starts again afterwards."""
        self._happened(Start())

    async def stop(self, drain_seconds: float) -> bool:
        """SIGTERM now, SIGKILL `drain_seconds` and a grace later. True when it ended by itself."""
        self._happened(Stop(drain_seconds))
        process = self._process
        if process is None or process.done():
            return True
        await asyncio.shield(process)
        return not self.life.killed

    def kill(self) -> None:
        """SIGKILL now; `stop` then returns as soon as it is gone."""
        self._happened(Cut())

    def _happened(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        before = self.life
        self.life, actions = step(before, event, loop.time(), self.kept.timings)
        for action in actions:
            self._act(action)
        if self._timer:
            self._timer.cancel()
        self._timer = None if self.life.due is None else loop.call_at(self.life.due, self._happened, Tick())
        if (before.state, before.reason) != (self.life.state, self.life.reason):
            self._changed(before.state)

    def _act(self, action: Action) -> None:
        match action:
            case Spawn():
                self._process = asyncio.create_task(self._run_once(), name=self.kept.name)
            case Signal(pid, number):
                # vLLM's workers would end at once, whatever their engine still has to do.
                send = signal_group if number is signal.SIGKILL else signal_process
                send(pid, number)
            case Crashed(how, cause):
                self.log.crashes.append(
                    Crash(at=time.time(), how=how, cause=cause, lines=tuple(causes.telling(self._last))[-CRASH_LINES:])
                )
            case _:
                assert_never(action)

    def _changed(self, before: State) -> None:
        if self.state != before:
            self.progress = "making its first token" if self.state == "warming" else ""
            self._tell()
        self._on_change(self)

    def _tell(self) -> None:
        about = {"engine": self.kept.name, "pid": self.pid, "crashes": self.life.crashes}
        if self.state not in ("waiting", "failed"):
            logger.info("engine is %s", self.state, extra=about)
            return
        logger.error("engine is %s: %s", self.state, self.reason, extra=about)
        for line in causes.telling(self._last)[-TOLD_LINES:]:
            logger.error("last lines: %s", line, extra={"engine": self.kept.name})

    async def _run_once(self) -> None:
        self._last.clear()
        self.health = Health(False)
        output = Output(self._heard)
        try:
            code = await self._live(output.writer)
        except OSError as error:
            output.close()
            cause = causes.why_not_started(self.kept.command.argv[0], error)
            self._happened(Exited(f"could not be started: {error.strerror}", cause))
            return
        output.close()
        # What we did ourselves needs no other cause.
        cause = causes.cause(self._last, 0 if self.life.sent else code)
        self._happened(Exited(how_it_ended(code), cause, code == REFUSED))

    async def _live(self, output: int) -> int:
        """Until the process has ended; then nothing is left of it."""
        _make_room(self.kept.socket)
        engine = self._connect()
        command = self.kept.command
        process = await spawn(command.argv, config.environment(command.environment), output)
        leash = await Leash.hold(process.pid)
        self._happened(Spawned(process.pid))
        watch = asyncio.create_task(self._watch(engine), name=f"{self.kept.name}: watch")
        code = await process.wait()
        watch.cancel()
        # What it left running would hold its port, its memory or its GPU.
        signal_group(process.pid, signal.SIGKILL)
        await asyncio.wait([watch])
        await leash.loose()
        await engine.close()
        return code

    def _heard(self, lines: list[Line]) -> None:
        kept = [line.text for line in lines if not line.passing]
        self._last.extend(kept)
        self.log.write(kept)
        if self.state != "starting":
            return
        found = [step for line in lines if (step := loading.progress(line.text))]
        if found and found[-1] != self.progress:
            self.progress = found[-1]
            self._on_change(self)

    async def _watch(self, engine: Engine) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            if await _answers(engine):
                break
            await asyncio.sleep(min(LOOK_SECONDS, max(FIRST_LOOK_SECONDS, (loop.time() - begun) / PATIENCE)))
        self._happened(Answered())
        while True:
            self.health = await _look(engine)
            self._happened(Looked(self.health))
            await asyncio.sleep(LOOK_SECONDS if self.state == "serving" else FIRST_LOOK_SECONDS)


async def _answers(engine: Engine) -> bool:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await engine.models()
    except (RingfenceError, TimeoutError):
        return False
    except Exception:
        logger.exception("%s answers in words that are not known", engine.name)
        return False
    return True


async def _look(engine: Engine) -> Health:
    try:
        return await engine.health()
    except Exception as error:
        logger.exception("a look at %s failed", engine.name)
        return Health(False, f"a look at it failed with {type(error).__name__}")


def _make_room(socket: Path | None) -> None:
    if socket is not None:
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
