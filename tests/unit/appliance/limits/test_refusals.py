import pytest

from appliance.errors import BudgetExceeded, LimitExceeded
from appliance.limits import refusals
from appliance.limits.budget import Balance, Grant, Kind, Window
from appliance.limits.purses import Account, Purse, Subject

NOW = 100.0


def purse(kind: Kind, limit: int, taken: int, spent: int, end: int = 120) -> Purse:
    made = Purse(f"key:acme:k|{kind}", Subject("key:acme:k", "key k"), kind, Window(60, end))
    made.limit = limit
    made.receive(Grant(0, Balance(60, taken, spent)))
    return made


def test_what_is_only_held_may_come_back_soon() -> None:
    error = refusals.refusal(purse(Kind.DAY, 100, taken=100, spent=50), 50, NOW)
    assert type(error) is LimitExceeded
    assert error.retry_after == 1


@pytest.mark.parametrize(
    ("kind", "error"), [(Kind.REQUESTS, LimitExceeded), (Kind.TOKENS, LimitExceeded), (Kind.MONTH, BudgetExceeded)]
)
def test_what_is_spent_comes_back_when_the_window_ends(kind: Kind, error: type[LimitExceeded]) -> None:
    refused = refusals.refusal(purse(kind, 100, taken=100, spent=51), 50, NOW)
    assert type(refused) is error
    assert refused.retry_after == 20
    assert "key k" in refused.message
    assert refused.message.endswith(f"Try again in 20 s, or ask the operator to raise {kind}.")


def test_the_longest_wait_is_told() -> None:
    account = Account((), [purse(Kind.REQUESTS, 1, 1, 1), purse(Kind.DAY, 5, 5, 5, end=900)])
    error = refusals.find(account, 0, 1, NOW)
    assert error and error.retry_after == 800


def test_a_limit_with_room_refuses_nothing() -> None:
    account = Account((), [purse(Kind.REQUESTS, 2, 1, 1), purse(Kind.TOKENS, 100, 50, 0)])
    assert refusals.find(account, 50, 0, NOW) is None
    assert refusals.find_final(account, 50, 0, NOW) is None


def test_a_spent_budget_does_not_stop_what_is_free() -> None:
    account = Account((), [purse(Kind.DAY, 5, 5, 5)])
    assert refusals.find(account, 100, 0, NOW) is None
    assert refusals.find_final(account, 100, 1, NOW)
