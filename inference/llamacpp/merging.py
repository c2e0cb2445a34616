"""Several asynchronous generators as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")

AHEAD = 16  # items that may wait for a slow reader


class _Ended(Struct):
    error: Exception | None


async def merge(sources: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Items as they come. The first failure ends all; closing this closes all."""
    if len(sources) == 1:
        async with aclosing(sources[0]) as only:
            async for item in only:
                yield item
        return
    queue: asyncio.Queue[T | _Ended] = asyncio.Queue(AHEAD)
    tasks = [asyncio.create_task(_pump(source, queue)) for source in sources]
    running = len(tasks)
    try:
        while running:
            arrived = await queue.get()
            if not isinstance(arrived, _Ended):
                yield arrived
                continue
            running -= 1
            if arrived.error is not None:
                raise arrived.error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(source: AsyncGenerator[T, None], queue: "asyncio.Queue[T | _Ended]") -> None:
    try:
        async with aclosing(source):
            async for item in source:
                await queue.put(item)
    except Exception as error:
        await queue.put(_Ended(error))
        raise
    await queue.put(_Ended(None))
