"""Where requests wait for an engine that is on its way: bounded, in number and in time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from msgspec import Struct

from appliance.errors import EngineUnavailable

LONGEST_PAUSE = 60.0


class Bounds(Struct, frozen=True):
    seconds: float
    requests: int


class WaitingRoom:
    """`counted` is told the engine of each request that has to wait."""

    def __init__(self, bounds: Mapping[str, Bounds], counted: Callable[[str], None]) -> None:
        self.present: Counter[str] = Counter()
        """Requests that wait now, by engine."""
        self._bounds = bounds
        self._counted = counted
        self._since: dict[str, float] = {}
        self._news = asyncio.Event()

    def tell(self) -> None:
        """Something has changed: whoever waits looks again."""
        self._news.set()
        self._news = asyncio.Event()

    @contextmanager
    def place(self, engine: str) -> Iterator[float]:
        """For one request, until when it may wait."""
        now = asyncio.get_running_loop().time()
        bounds = self._bounds[engine]
        if not self.present[engine]:
            self._since[engine] = now
        if self.present[engine] >= bounds.requests:
            raise self._refusal(engine, f"{bounds.requests} requests wait for {engine} already")
        self.present[engine] += 1
        self._counted(engine)
        try:
            yield now + bounds.seconds
        finally:
            self.present[engine] -= 1

    async def news(self, engine: str, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self._news.wait()
        except TimeoutError:
            raise self._refusal(engine, f"{engine} is being swapped and has not come up in time") from None

    def _refusal(self, engine: str, reason: str) -> EngineUnavailable:
        # What has taken a minute is hardly there in a second: come again after as long as it has taken so far.
        waited = asyncio.get_running_loop().time() - self._since[engine]
        return EngineUnavailable(f"{reason}. Try again later.", retry_after=min(max(waited, 1.0), LONGEST_PAUSE))
