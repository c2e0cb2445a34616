"""The search for the number of streams that a target holds. Pure but for the probe it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.arrivals import StreamFigures

STEPS = (10, 25, 50, 100, 250, 500, 750, 1000, 1250, 1500, 2000)

Probe = Callable[[int], StreamFigures]


@dataclass(frozen=True)
class Held:
    """Most streams at once with no frame lost, and with none lost or late."""

    whole: int
    on_time: int


def search(steps: Sequence[int], probe: Probe, near: int) -> Held:
    """Walk up from the step at `near` while it holds, or down until one does; each step is tried once."""
    tried: dict[int, StreamFigures] = {}

    def figures(index: int) -> StreamFigures:
        if index not in tried:
            tried[index] = probe(steps[index])
        return tried[index]

    def is_whole(index: int) -> bool:
        return figures(index).lost == 0

    def is_on_time(index: int) -> bool:
        return is_whole(index) and figures(index).late == 0

    start = max((i for i, step in enumerate(steps) if step <= near), default=0)
    on_time = _highest(len(steps), is_on_time, start)
    whole = _highest(len(steps), is_whole, max(on_time, 0))
    return Held(whole=steps[whole] if whole >= 0 else 0, on_time=steps[on_time] if on_time >= 0 else 0)


def _highest(count: int, holds: Callable[[int], bool], start: int) -> int:
    """The index reached from `start`; -1 when not even the first holds."""
    index = start
    if not holds(index):
        while index >= 0 and not holds(index):
            index -= 1
        return index
    while index + 1 < count and holds(index + 1):
        index += 1
    return index
