import math

import pytest

from tests.bench.arrivals import FRAMES, Arrivals, analyse, gaps_ms, is_whole, lateness_ms, percentile


def paced(*, first_ms: float = 1.0, stall_at: int = FRAMES, stall_ms: float = 0.0) -> Arrivals:
    """A stream on schedule, but for one pause from delta `stall_at` on."""
    at = [1000 * (first_ms + 20 * i + (stall_ms if i >= stall_at else 0)) for i in range(FRAMES)]
    return Arrivals(status=200, done=True, sequence=range(FRAMES), at_us=[int(a) for a in at])


def with_sequence(sequence: list[int]) -> Arrivals:
    return Arrivals(status=200, done=True, sequence=sequence, at_us=[20_000 * n for n in sequence])


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 3), (0.99, 5), (1.0, 5)])
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([5, 1, 4, 2, 3], share) == expected


def test_percentile_of_nothing_is_not_a_number() -> None:
    assert math.isnan(percentile([], 0.5))


def test_stream_is_whole_when_every_delta_came_in_order() -> None:
    assert is_whole(paced())


@pytest.mark.parametrize(
    "stream",
    [
        with_sequence(list(range(FRAMES - 1))),
        with_sequence([*range(10), *range(11, FRAMES)]),
        with_sequence([*range(10), 9, *range(10, FRAMES)]),
        with_sequence([1, 0, *range(2, FRAMES)]),
        Arrivals(200, False, range(FRAMES), [0] * FRAMES),
        Arrivals(429, True, range(FRAMES), [0] * FRAMES),
    ],
    ids=["truncated", "one missing", "one twice", "out of order", "no [DONE]", "refused"],
)
def test_stream_is_lost(stream: Arrivals) -> None:
    assert not is_whole(stream)
    assert analyse([paced(), stream]).lost == 1


def test_lateness_is_measured_from_the_request() -> None:
    lateness = lateness_ms(paced(first_ms=7.5, stall_at=60, stall_ms=50))

    assert lateness[:60] == [7.5] * 60
    assert lateness[60:] == [57.5] * 4


def test_lateness_of_a_delta_after_a_lost_one_is_its_own() -> None:
    assert lateness_ms(with_sequence([0, 2])) == [0, 0]


def test_late_frames_are_those_past_the_bound() -> None:
    within, past = paced(stall_at=63, stall_ms=98), paced(stall_at=61, stall_ms=100)

    figures = analyse([within, past])

    assert figures.late == 3
    assert figures.lost == 0
    assert figures.worst_ms == 101


def test_gaps_show_a_stall_once() -> None:
    gaps = gaps_ms(paced(stall_at=5, stall_ms=30))

    assert sorted(gaps)[-2:] == [20, 50]


def test_first_token_counts_only_streams_that_began() -> None:
    silent = Arrivals(status=0, done=False, sequence=[], at_us=[])

    figures = analyse([paced(first_ms=3), silent])

    assert figures.first_p50_ms == 3
    assert (figures.streams, figures.lost) == (2, 1)
