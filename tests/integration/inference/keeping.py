"""Keepers for tests: they remember the states they were in, and leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from inference.engine import Engine
from inference.supervise.keeper import Keeper, Kept
from inference.supervise.log import EngineLog


class Watched:
    """A keeper, and what it told of itself: states, and progress while it starts."""

    def __init__(self, kept: Kept, connect: Callable[[], Engine], folder: Path) -> None:
        self.states: list[str] = []
        self.progress: list[str] = []
        self._changed = asyncio.Event()
        self.keeper = Keeper(kept, connect, EngineLog(folder / f"{kept.name}.log"), self._on_change)

    async def until(self, *states: str, seconds: float = 20) -> None:
        """From now on: the next time that it is in one of these."""
        self._changed.clear()
        async with asyncio.timeout(seconds):
            while self.keeper.state not in states:
                await self._changed.wait()
                self._changed.clear()

    def _on_change(self, keeper: Keeper) -> None:
        self._changed.set()
        if self.states[-1:] != [keeper.state]:
            self.states.append(keeper.state)
        if keeper.progress and self.progress[-1:] != [keeper.progress]:
            self.progress.append(keeper.progress)


@asynccontextmanager
async def kept(what: Kept, connect: Callable[[], Engine], folder: Path) -> AsyncIterator[Watched]:
    watched = Watched(what, connect, folder)
    watched.keeper.start()
    try:
        yield watched
    finally:
        watched.keeper.kill()
        await watched.keeper.stop(0)
