from hypothesis import given
from hypothesis import strategies as st

from inference.progress import Progress


def test_an_idle_engine_is_well_for_ever() -> None:
    progress = Progress(stuck_seconds=30)
    assert all(progress.observe(now, running=0, work=5) for now in range(0, 100_000, 100))


def test_a_busy_engine_without_progress_is_stuck() -> None:
    progress = Progress(stuck_seconds=30)
    assert progress.observe(0, running=1, work=5)
    assert progress.observe(29, running=1, work=5)
    assert not progress.observe(31, running=1, work=5)
    assert progress.observe(32, running=1, work=6)


def test_a_long_rest_is_not_held_against_the_request_that_ends_it() -> None:
    progress = Progress(stuck_seconds=30)
    progress.observe(0, running=0, work=5)
    assert progress.observe(1000, running=1, work=5)
    assert progress.observe(1029, running=1, work=5)


def test_only_work_proves_that_a_token_can_be_had() -> None:
    progress = Progress(stuck_seconds=30, proof_seconds=60)
    progress.observe(0, running=0, work=5)
    assert not progress.proven(0)
    progress.observe(1, running=1, work=6)
    assert progress.proven(60)
    assert not progress.proven(62)
    progress.prove(70)
    assert progress.proven(100)


def test_a_restart_sets_the_counter_back_and_proves_nothing() -> None:
    progress = Progress(stuck_seconds=30)
    progress.observe(0, running=1, work=100)
    assert progress.observe(10, running=0, work=0)
    assert not progress.proven(10)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=50))
def test_progress_within_the_bound_is_never_called_stuck(steps: list[tuple[int, int]]) -> None:
    progress, now, work = Progress(stuck_seconds=10), 0, 0
    for running, done in steps:
        now, work = now + 5, work + done + 1
        assert progress.observe(now, running, work)
