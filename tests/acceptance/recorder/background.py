"""Runs an asynchronous context in a thread of its own, so that tests and what they call may block."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

Opened = TypeVar("Opened")
START_LIMIT = 10


@contextmanager
def in_background(opening: Callable[[], AbstractAsyncContextManager[Opened]]) -> Iterator[Opened]:
    loop, opened, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    held: list[Opened] = []

    async def hold() -> None:
        async with opening() as one:
            held.append(one)
            opened.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(hold()))
    thread.start()
    try:
        assert opened.wait(START_LIMIT)
        yield held[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
