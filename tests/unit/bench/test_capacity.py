import pytest

from tests.bench.arrivals import StreamFigures
from tests.bench.capacity import Held, search

STEPS = (10, 50, 100, 500)


class Server:
    """Holds so many streams whole and so many on time, and remembers what it was asked."""

    def __init__(self, whole: int, on_time: int) -> None:
        self.whole = whole
        self.on_time = on_time
        self.asked: list[int] = []

    def probe(self, count: int) -> StreamFigures:
        self.asked.append(count)
        lost, late = int(count > self.whole), int(count > self.on_time)
        return StreamFigures(count, lost, late, first_p50_ms=1, gap_p99_ms=20, worst_ms=1)


@pytest.mark.parametrize("near", [0, 10, 60, 500, 9_999])
@pytest.mark.parametrize(
    ("whole", "on_time", "held"),
    [
        (0, 0, Held(0, 0)),
        (10, 0, Held(10, 0)),
        (120, 70, Held(100, 50)),
        (100, 100, Held(100, 100)),
        (9_999, 9_999, Held(500, 500)),
    ],
)
def test_search_finds_the_same_from_anywhere(whole: int, on_time: int, held: Held, near: int) -> None:
    server = Server(whole, on_time)

    assert search(STEPS, server.probe, near) == held
    assert len(server.asked) == len(set(server.asked))


def test_search_near_the_answer_tries_only_the_neighbours() -> None:
    server = Server(whole=100, on_time=100)

    search(STEPS, server.probe, near=100)

    assert server.asked == [100, 500]
