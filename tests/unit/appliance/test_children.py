from hypothesis import given
from hypothesis import strategies as st

from appliance.children import Backoff

patience = st.builds(
    Backoff,
    first=st.floats(0.01, 5),
    cap=st.floats(5, 300),
    healthy_after=st.floats(1, 600),
    quarantine_after=st.integers(1, 20),
)
lives = st.lists(st.floats(0, 1000), min_size=1, max_size=200)


def counts(backoff: Backoff, lived: list[float]) -> list[int]:
    crashes, seen = 0, []
    for seconds in lived:
        crashes = backoff.crashes(crashes, seconds)
        seen.append(crashes)
    return seen


@given(patience, st.integers(1, 10_000))
def test_the_wait_grows_to_the_cap_and_no_further(backoff: Backoff, crashes: int) -> None:
    assert backoff.delay(1) == backoff.first
    assert backoff.delay(crashes) <= backoff.delay(crashes + 1) <= backoff.cap


@given(patience, lives)
def test_a_healthy_life_forgets_the_crashes_before_it(backoff: Backoff, lived: list[float]) -> None:
    assert counts(backoff, [*lived, backoff.healthy_after])[-1] == 1


@given(patience, lives)
def test_a_child_is_never_given_up(backoff: Backoff, lived: list[float]) -> None:
    assert all(0 < backoff.delay(crashes) <= backoff.cap for crashes in counts(backoff, lived))


@given(patience, st.integers(1, 100))
def test_a_row_of_quick_crashes_is_reported_once(backoff: Backoff, row: int) -> None:
    reported = [backoff.quarantines(crashes) for crashes in counts(backoff, [0.0] * row)]
    assert sum(reported) == (row >= backoff.quarantine_after)
