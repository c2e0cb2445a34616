"""What a set of streams says about the way they came through. Pure.

A stream is *whole* when it answered 200, brought every delta once and in order, and its `[DONE]`, before
the load gave up on it (twice its nominal length). A frame is *late* when it arrives more than `LATE_MS`
after it was due, and delta i is due i * 20 ms after the request was sent: the engine's own schedule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

FRAMES = 64
FRAME_MS = 20.0
LATE_MS = 100.0


@dataclass(frozen=True)
class Arrivals:
    """One stream: each delta's number, and the microseconds from the request to its arrival."""

    status: int
    done: bool
    sequence: Sequence[int]
    at_us: Sequence[int]


@dataclass(frozen=True)
class StreamFigures:
    streams: int
    lost: int
    late: int
    first_p50_ms: float
    gap_p99_ms: float
    worst_ms: float

    def __str__(self) -> str:
        lost = f"{self.lost} of {self.streams} lost, {self.late} frames late, worst {self.worst_ms:.0f} ms"
        return f"{lost}; first token p50 {self.first_p50_ms:.2f} ms, inter-frame p99 {self.gap_p99_ms:.2f} ms"


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile; not a number when there is nothing to rank."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def is_whole(stream: Arrivals) -> bool:
    return stream.status == 200 and stream.done and list(stream.sequence) == list(range(FRAMES))


def lateness_ms(stream: Arrivals) -> list[float]:
    pairs = zip(stream.sequence, stream.at_us, strict=True)
    return [at / 1000 - number * FRAME_MS for number, at in pairs]


def gaps_ms(stream: Arrivals) -> list[float]:
    return [(later - earlier) / 1000 for earlier, later in pairwise(stream.at_us)]


def analyse(streams: Sequence[Arrivals]) -> StreamFigures:
    lateness = [late for stream in streams for late in lateness_ms(stream)]
    return StreamFigures(
        streams=len(streams),
        lost=sum(not is_whole(stream) for stream in streams),
        late=sum(late > LATE_MS for late in lateness),
        first_p50_ms=percentile((s.at_us[0] / 1000 for s in streams if s.at_us), 0.50),
        gap_p99_ms=percentile((gap for stream in streams for gap in gaps_ms(stream)), 0.99),
        worst_ms=max(lateness, default=float("nan")),
    )
