from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.limits import budget
from appliance.limits.budget import Balance, Claim, Kind, Window
from appliance.settings import Price

amounts = st.integers(0, 10**12)
moments = st.floats(0, 4_000_000_000)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("kind", "now", "start", "end"),
    [
        (Kind.REQUESTS, "2027-02-03T10:11:59.999", "2027-02-03T10:11", "2027-02-03T10:12"),
        (Kind.TOKENS, "2027-02-03T10:11:00", "2027-02-03T10:11", "2027-02-03T10:12"),
        (Kind.DAY, "2027-02-28T23:59:59", "2027-02-28", "2027-03-01"),
        (Kind.MONTH, "2028-02-29T12:00:00", "2028-02-01", "2028-03-01"),
        (Kind.MONTH, "2027-12-31T23:59:59", "2027-12-01", "2028-01-01"),
    ],
)
def test_windows(kind: Kind, now: str, start: str, end: str) -> None:
    assert budget.window(kind, at(now)) == Window(int(at(start)), int(at(end)))


@pytest.mark.parametrize("kind", [Kind.CONCURRENT, Kind.SESSION])
def test_what_has_no_window_never_ends(kind: Kind) -> None:
    assert budget.window(kind, at("2027-02-03")) == Window(0, budget.NEVER)


@given(st.sampled_from(Kind), moments)
def test_every_moment_is_in_exactly_one_window(kind: Kind, now: float) -> None:
    window = budget.window(kind, now)
    assert window.start <= now < window.end
    assert budget.window(kind, window.start) == window
    if window.end < budget.NEVER:
        assert budget.window(kind, window.end).start == window.end


@given(limit=amounts, taken=amounts, need=amounts, least=amounts, ahead=amounts)
def test_a_grant_never_takes_a_meter_past_its_limit(limit: int, taken: int, need: int, least: int, ahead: int) -> None:
    claim = Claim("m", limit, 60, need=need, least=min(least, need), ahead=ahead)
    grant = budget.exchange(Balance(60, taken), claim)
    assert 0 <= grant.units <= need + ahead
    assert grant.balance.taken == taken + grant.units <= max(limit, taken)


@given(limit=st.integers(1, 10**6), need=st.integers(1, 100), ahead=st.integers(0, 10**6))
def test_all_of_a_limit_can_be_had(limit: int, need: int, ahead: int) -> None:
    balance = Balance(60)
    for _ in range(200):
        balance = budget.exchange(balance, Claim("m", limit, 60, need=need, least=1, ahead=ahead)).balance
    assert balance.taken == limit or limit > 200 * need


def test_a_slice_that_serves_nobody_is_not_granted() -> None:
    balance = Balance(60, taken=95)
    assert budget.exchange(balance, Claim("m", 100, 60, need=12, least=6)).units == 0
    assert budget.exchange(balance, Claim("m", 100, 60, need=12, least=5)).units == 5


def test_a_claim_settles_before_it_takes() -> None:
    grant = budget.exchange(Balance(60, 100, 70), Claim("m", 100, 60, given=10, spent=5, need=10, least=10))
    assert (grant.units, grant.balance) == (10, Balance(60, 100, 75))


def test_overspending_is_charged_past_the_limit() -> None:
    grant = budget.exchange(Balance(60, 100, 100), Claim("m", 100, 60, given=-7, spent=7))
    assert (grant.units, grant.balance) == (0, Balance(60, 107, 107))


def test_a_new_window_begins_empty() -> None:
    grant = budget.exchange(Balance(60, 100, 100), Claim("m", 100, 120, need=3, least=3))
    assert grant.balance == Balance(120, 3)


def test_a_late_worker_is_charged_to_the_window_that_has_begun() -> None:
    late = Claim("m", 100, 60, given=50, spent=50, need=3, least=3)
    assert budget.exchange(Balance(120, 10, 5), late).balance == Balance(120, 13, 5)


def test_pace_rises_at_once_and_falls_after_a_while() -> None:
    assert budget.pace(10, 40, quiet=0) == 40
    assert budget.pace(40, 0, quiet=4) == 40
    assert budget.pace(40, 3, quiet=5) == 3


def test_a_little_too_much_is_kept() -> None:
    assert budget.surplus(400, 40, tight=False) == 0
    assert budget.surplus(401, 40, tight=False) == 201
    assert budget.surplus(50, 40, tight=True) == 10


@given(free=amounts, pace=amounts, tight=st.booleans())
def test_only_what_is_in_hand_is_given_back(free: int, pace: int, tight: bool) -> None:
    assert 0 <= budget.surplus(free, pace, tight=tight) <= free


def test_a_meter_is_tight_from_three_quarters_on() -> None:
    assert [budget.is_tight(8, taken) for taken in (5, 6, 8, 9)] == [False, True, True, True]
    assert budget.is_tight(1, 1)


@given(st.integers(0, 10**6), st.integers(0, 10**6), amounts, amounts)
def test_cost_is_rounded_up_once(prompt: int, completion: int, per_prompt: int, per_completion: int) -> None:
    exact = prompt * per_prompt + completion * per_completion
    cost = budget.cost(Price(prompt=per_prompt, completion=per_completion), prompt, completion)
    assert exact <= cost * 1000 < exact + 1000


def test_a_model_without_a_price_costs_nothing() -> None:
    assert budget.cost(None, 10**6, 10**6) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, b"0ms"),
        (0.25, b"250ms"),
        (1, b"1s"),
        (59.2, b"1m0s"),
        (360, b"6m0s"),
        (3600, b"1h0m0s"),
        (90_061, b"25h1m1s"),
    ],
)
def test_durations_are_written_as_openai_does(seconds: float, text: bytes) -> None:
    assert budget.duration(seconds) == text
