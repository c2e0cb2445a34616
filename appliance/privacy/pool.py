"""Threads for work that would hold up the event loop: bounded in number, in queue and in time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

from msgspec import Struct

from appliance.errors import PrivacyUnavailable

Result = TypeVar("Result")


class PoolSettings(Struct, frozen=True):
    workers: int = 2
    waiting: int = 64
    """Calls that may wait for a worker; one more is refused."""
    seconds: float = 5.0
    """How long a call may take, the waiting included."""


class Pool:
    """What cannot be done in time is refused, never skipped."""

    def __init__(self, settings: PoolSettings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.workers, "privacy")
        self._counting = Lock()
        self._taken = 0

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        future = self._submit(work, *arguments)
        try:
            async with asyncio.timeout(self._settings.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise PrivacyUnavailable(
                f"What is personal was not found out within {self._settings.seconds:g} s. "
                "Send a shorter text, or try again."
            ) from error

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _submit(self, work: Callable[..., Result], *arguments: Any) -> Future[Result]:
        with self._counting:
            if self._taken >= self._settings.workers + self._settings.waiting:
                raise PrivacyUnavailable("Too many texts wait to be searched for what is personal. Try again.")
            self._taken += 1
        future = self._threads.submit(work, *arguments)
        # When the work is over or cancelled, not when its caller stopped waiting.
        future.add_done_callback(self._release)
        return future

    def _release(self, _: Future[Any]) -> None:
        with self._counting:
            self._taken -= 1
