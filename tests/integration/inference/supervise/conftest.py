"""A crew of scripted engines with the real desk, the real launch and real processes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.settings import EngineSettings, LaunchSettings, Paths, Settings
from inference.control import Done, Follow, Order, Refused, Said, socket_of
from inference.roster import Roster, Seen
from inference.supervise.crew import Crew, Pace, Places
from inference.supervise.desk import Desk
from inference.supervise.orders import Orders
from inference.supervise.outfitting import Outfitting
from tests.peers.shelf import shelf_file

PROGRAM = (sys.executable, "-m", "tests.integration.inference.supervise.tiny_vllm")


class Shelf:
    """Models `one` and `two`, of which tests say how they behave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = folder / "shelf.toml"
        self.rows.write_text(shelf_file("one", "two"))
        for name in ("one", "two"):
            self.script(name)

    def script(self, name: str, **behaviour: Any) -> None:
        weights = self.folder / name
        weights.mkdir(exist_ok=True)
        draft = weights / "draft.json"
        draft.write_text(json.dumps(behaviour))
        draft.replace(weights / "script.json")

    def engine(
        self, name: str = "chat", *, share: float = 0.9, stuck_seconds: float = 30.0, **launch: Any
    ) -> EngineSettings:
        given = {"model": "one", "weights": str(self.folder / "one"), "card": "16GiB", "drain_seconds": 5.0, **launch}
        settings = LaunchSettings(program=PROGRAM, share=share, **given)
        return EngineSettings(name=name, kind="vllm", launch=settings, stuck_seconds=stuck_seconds)


class Running:
    """A crew with its desk, and the lines that people and workers speak to it."""

    def __init__(self, settings: Settings, crew: Crew) -> None:
        self.settings = settings
        self.var = settings.paths.var
        self.crew = crew
        self.said: list[str] = []

    async def order(self, verb: Any, engine: str = "chat", **more: Any) -> Done:
        answer = await self.ask(verb, engine, **more)
        assert isinstance(answer, Done), answer
        return answer

    async def refused(self, verb: Any, engine: str = "chat", **more: Any) -> Refused:
        answer = await self.ask(verb, engine, **more)
        assert isinstance(answer, Refused), answer
        return answer

    async def ask(self, verb: Any, engine: str = "chat", **more: Any) -> Done | Refused:
        reader, writer = await asyncio.open_unix_connection(socket_of(self.var))
        try:
            writer.write(msgspec.json.encode(Order(verb=verb, engine=engine, **more)) + b"\n")
            while True:
                answer = msgspec.json.decode(await reader.readline(), type=Said | Done | Refused)
                if not isinstance(answer, Said):
                    return answer
                self.said.append(answer.text)
        finally:
            writer.close()

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.01)

    async def serving(self, *engines: str) -> None:
        await self.until(lambda: {post.engine for post in self.crew.board.roster.posts} >= set(engines or ("chat",)))


class Worker:
    """Follows the roster, and says of each that it has seen it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.rosters: list[Roster] = []
        self.in_flight: dict[str, int] = {}
        self.is_silent = False

    async def follow(self) -> None:
        while line := await self._reader.readline():
            self.rosters.append(msgspec.json.decode(line, type=Roster))
            if not self.is_silent:
                self.see()

    def see(self) -> None:
        seen = Seen(self.rosters[-1].version, {post: count for post, count in self.in_flight.items() if count})
        self._writer.write(msgspec.json.encode(seen) + b"\n")

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def following(var: Path, name: str = "worker-1") -> AsyncIterator[Worker]:
    reader, writer = await asyncio.open_unix_connection(socket_of(var))
    writer.write(msgspec.json.encode(Follow(name)) + b"\n")
    worker = Worker(reader, writer)
    task = asyncio.create_task(worker.follow())
    try:
        yield worker
    finally:
        task.cancel()
        worker.close()


Crewed = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
def crewed(tmp_path: Path, shelf: Shelf) -> Crewed:
    @asynccontextmanager
    async def crewed(*engines: EngineSettings) -> AsyncIterator[Running]:
        var = tmp_path / "var"
        settings = Settings(engines=engines, paths=Paths(var=var, shelf=shelf.rows))
        pace = Pace(look_seconds=0.05, placing_seconds=0.05)
        crew = Crew(engines, Outfitting(settings), Places(var, var / "run" / "metrics"), pace)
        async with Desk(crew.board, Orders(crew).carry_out).open(socket_of(var)):
            crew.start()
            try:
                yield Running(settings, crew)
            finally:
                await crew.stop()

    return crewed
