"""Fetches one file in ranges, several at a time, and checks its digest as they come."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from msgspec import Struct

from appliance.errors import ModelError, Unavailable
from models.store.digest import CHUNK, Check
from models.store.part import Part, Range
from models.store.source import Meter, Offer, Source

PIECE = 256 << 10
TRIES = 6
SHORTEST_WAIT, LONGEST_WAIT = 0.25, 30.0

Answer = TypeVar("Answer")


class Fetching(Struct, frozen=True):
    source: Source
    meter: Meter
    connections: int = 4


def fetch(of: Fetching, offer: Offer, part: Part) -> str:
    """Brings the part to its end and returns its SHA-256; one with another digest than was said is thrown away."""
    check = Check(offer.digest, offer.size)
    stopping = threading.Event()
    pool = ThreadPoolExecutor(of.connections, thread_name_prefix="fetch")
    try:
        tasks = [pool.submit(_fetch_range, of, offer, part, each, stopping) for each in part.ranges]
        for each, task in zip(part.ranges, tasks, strict=True):
            task.result()
            # While later ranges still come.
            _feed(check, part, each)
    finally:
        stopping.set()
        pool.shutdown(cancel_futures=True)
    if not check.agrees:
        part.discard()
        raise ModelError(
            f"{offer.path} came damaged: its SHA-256 is {check.sha256}, and {offer.digest.text}. "
            "It was thrown away; pull again, and if it happens twice, find out what the hub or mirror serves."
        )
    return check.sha256


def _feed(check: Check, part: Part, each: Range) -> None:
    for begin in range(each.begin, each.end, CHUNK):
        check.update(part.read(begin, min(CHUNK, each.end - begin)))


def patiently(act: Callable[[], Answer], meter: Meter, what: str) -> Answer:
    """Tries again where that may help."""
    patience = _Patience(meter, what)
    while True:
        try:
            return act()
        except Unavailable as error:
            patience.wait(error, threading.Event())


class _Patience:
    """Waits longer from try to try, as long as nothing comes, and not for ever."""

    def __init__(self, meter: Meter, what: str) -> None:
        self._meter = meter
        self._what = what
        self.tries = 0

    def wait(self, error: Unavailable, stopping: threading.Event) -> None:
        self.tries += 1
        if self.tries > TRIES:
            raise ModelError(f"{self._what}: {error.message} What came is kept; pull again to go on.") from error
        seconds = max(error.retry_after, min(SHORTEST_WAIT * 2 ** (self.tries - 1), LONGEST_WAIT))
        self._meter.say(f"{self._what}: {error.message} Going on in {seconds:.1f} s.")
        stopping.wait(seconds)


def _fetch_range(of: Fetching, offer: Offer, part: Part, each: Range, stopping: threading.Event) -> None:
    patience = _Patience(of.meter, offer.path)
    while part.done(each) < each.size and not stopping.is_set():
        before = part.done(each)
        try:
            _read_range(of, offer, part, each, stopping)
        except Unavailable as error:
            if part.done(each) > before:
                patience.tries = 0
            patience.wait(error, stopping)


def _read_range(of: Fetching, offer: Offer, part: Part, each: Range, stopping: threading.Event) -> None:
    begin = each.begin + part.done(each)
    with of.source.read(offer.path, begin, each.end) as stream:
        while begin < each.end and not stopping.is_set():
            data = stream.read(min(PIECE, each.end - begin))
            if not data:
                raise Unavailable("The connection was cut.", retry_after=0)
            part.write(each, data)
            begin += len(data)
            of.meter.advance(len(data))
