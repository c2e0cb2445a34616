"""Swaps while real workers ask: nobody loses a request."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from appliance.errors import RingfenceError
from appliance.privacy.scrubbed import own
from inference import converse
from inference.engines import open_room, open_sources
from inference.fleet import Fleet
from inference.messages import Call
from inference.routing import Seat
from tests.integration.inference.supervise.conftest import Crewed, Running, Shelf

BODIES = {
    True: b'{"model":"one","prompt":"hello","max_tokens":20,"stream":true}',
    False: b'{"model":"one","prompt":"hello","max_tokens":20}',
}


class Callers:
    """Ask the same model again and again, streamed and whole, until they are told to stop."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._stop = asyncio.Event()
        self.posts: list[str] = []
        self.failures: list[str] = []

    async def _find(self) -> list[Seat]:
        return await self._fleet.plan("one", "completions", "acme")

    async def ask(self, stream: bool) -> None:
        call = Call(task="completions", model="one", scrubbed=own(BODIES[stream]), stream=stream)
        pieces = 0
        async with aclosing(converse.run(await self._find(), call, self._find)) as chunks:
            async for seat, chunk in chunks:
                pieces += chunk.raw.count(b'"delta"')
                name = seat.engine.name
        assert not stream or pieces == 20
        self.posts.append(name)

    async def go_on(self, stream: bool) -> None:
        while not self._stop.is_set():
            try:
                await self.ask(stream)
            except RingfenceError as error:
                self.failures.append(error.message)
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def asking(self, number: int) -> AsyncIterator["Callers"]:
        tasks = [asyncio.create_task(self.go_on(bool(index % 2))) for index in range(number)]
        await asyncio.sleep(0.3)
        try:
            yield self
            await asyncio.sleep(0.3)
        finally:
            self._stop.set()
            await asyncio.gather(*tasks)


@asynccontextmanager
async def workers(running: Running, number: int = 2) -> AsyncIterator[list[Callers]]:
    fleets = [
        Fleet([], sources=open_sources(running.settings, f"worker-{index}"), room=open_room(running.settings, str))
        for index in range(number)
    ]
    for fleet in fleets:
        await fleet.start()
    try:
        yield [Callers(fleet) for fleet in fleets]
    finally:
        for fleet in fleets:
            await fleet.close()


@pytest.mark.parametrize("share", [0.45, 0.9], ids=["beside", "in place"])
async def test_swaps_lose_no_request(share: float, crewed: Crewed, shelf: Shelf) -> None:
    for name in ("one", "two"):
        shelf.script(name, tokens=20, token_seconds=0.01)
    async with crewed(shelf.engine(share=share)) as running:
        await running.serving()
        async with workers(running) as (first, second), first.asking(4), second.asking(4):
            await running.order("swap", model="two", weights=str(shelf.folder / "two"))
            await running.order("swap")
            await running.order("swap", model="one", weights=str(shelf.folder / "one"))
            await asyncio.sleep(0.5)
    posts = {*first.posts, *second.posts}
    assert first.failures + second.failures == []
    assert len(posts) == 4 and len(first.posts + second.posts) > 40


@pytest.mark.parametrize("share", [0.45, 0.9], ids=["beside", "in place"])
async def test_a_swap_that_fails_loses_no_request(share: float, crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("two", crash="RuntimeError: it does not load", start_seconds=0.3)
    async with crewed(shelf.engine(share=share)) as running:
        await running.serving()
        async with workers(running) as (first, second), first.asking(4), second.asking(4):
            await running.refused("swap", model="two", weights=str(shelf.folder / "two"))
    assert first.failures + second.failures == []
    assert first.posts and second.posts


async def test_a_kill_fails_what_runs_and_nothing_that_comes_after_it_is_back(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("one", tokens=20, token_seconds=0.02)
    async with crewed(shelf.engine()) as running:
        await running.serving()
        async with workers(running, 1) as [callers]:
            async with callers.asking(2):
                [status] = (await running.order("list")).engines
                assert status.pid is not None
                os.kill(status.pid, signal.SIGKILL)
                await running.until(lambda: not running.crew.board.roster.posts)
                await running.serving()
                await running.until(lambda: callers.failures != [])
            assert all("one" in each or "chat" in each for each in callers.failures)
            before = len(callers.failures)
            await callers.ask(stream=True)
            assert len(callers.failures) == before
