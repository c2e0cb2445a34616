"""One post of an engine, kept running: its process is spawned, read, watched, told to end."""

import asyncio
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from appliance.errors import RingfenceError
from inference.command import Command
from inference.control import Crash, State
from inference.engine import Engine
from inference.messages import Health
from inference.supervise.lifecycle import Life, Timings
from inference.supervise.log import EngineLog

logger = logging.getLogger(__name__)


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

    `on_change` is called whenever the state, the progress or the reason is another one. All of it happens in the
    event loop that `start` was called in.
    """

    def __init__(
        self, kept: Kept, connect: Callable[[], Engine], log: EngineLog, on_change: Callable[["Keeper"], None]
    ) -> None:
        self.kept = kept
        self.log = log
        """Of the engine, so that posts that follow one another share it: lines, crashes, subscribe()."""
        self.health = Health(False)
        """The last look."""
        self.progress = ""
        """While it starts."""

    @property
    def life(self) -> Life:
        """state, since (of the event loop's clock), pid, crashes, restarts, reason."""

    @property
    def state(self) -> State: ...

    @property
    def pid(self) -> int | None: ...

    @property
    def restarts(self) -> int: ...

    @property
    def reason(self) -> str: ...

    @property
    def crashes(self) -> tuple[Crash, ...]: ...

    def start(self) -> None:
        """Also out of `failed`, and out of a wait. While it drains: it starts again afterwards."""

    async def stop(self, drain_seconds: float) -> bool:
        """SIGTERM now, SIGKILL `drain_seconds` and a grace later; returns when it is gone. True when it ended itself."""

    def kill(self) -> None:
        """SIGKILL now; `stop` returns at once then."""
