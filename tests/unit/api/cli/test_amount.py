import re
from decimal import Decimal

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.amount import ASSIGNMENT, shown
from appliance.limits.budget import Kind
from appliance.limits.rules import AMOUNT_MAX


def assigned(text: str) -> tuple[Kind, int]:
    return ASSIGNMENT.convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("requests_per_minute=60", Kind.REQUESTS, 60),
        ("concurrent=0", Kind.CONCURRENT, 0),
        ("tokens_per_minute=1000000000000000", Kind.TOKENS, AMOUNT_MAX),
        ("money_per_day=25", Kind.DAY, 25_000_000),
        ("money_per_month=0.29", Kind.MONTH, 290_000),
        ("money_per_session=0.000001", Kind.SESSION, 1),
        ("money_per_month=1000000000", Kind.MONTH, AMOUNT_MAX),
    ],
)
def test_money_is_in_units_of_a_currency(text: str, kind: Kind, amount: int) -> None:
    assert assigned(text) == (kind, amount)


@pytest.mark.parametrize(
    "text",
    [
        "concurrent", "concurrent=", "concurrent=-1", "concurrent=1.5", "concurrent=1e3", "concurrent=٣",
        "tokens_per_minute=1000000000000001", "money_per_day=-1", "money_per_day=.5", "money_per_day=1,50",
        "money_per_day=0.0000001", "money_per_day=500_000_000", "money_per_day=1000000000.000001", "money_per_day=NaN",
    ],
)  # fmt: skip
def test_an_amount_that_cannot_be_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"from 0 \(unlimited\) to 10+(\.00)?\. Write it as"):
        assigned(text)


@pytest.mark.parametrize("text", ["", "=1", "money=1", "DAY=1", "requests-per-minute=1"])
def test_an_unknown_limit_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(click.BadParameter, match=re.escape(", ".join(Kind))):
        assigned(text)


def test_money_is_shown_with_cents_and_with_more_only_where_there_is_more() -> None:
    amounts = (25_000_000, 500_000, 0, 1, 1_234_500)
    assert [str(shown(Kind.DAY, amount)) for amount in amounts] == ["25.00", "0.50", "0.00", "0.000001", "1.2345"]
    assert shown(Kind.DAY, AMOUNT_MAX) == Decimal(10**9)
    assert shown(Kind.REQUESTS, 60) == 60


@given(st.sampled_from(Kind), st.integers(0, AMOUNT_MAX))
def test_what_is_shown_can_be_set(kind: Kind, amount: int) -> None:
    assert assigned(f"{kind}={shown(kind, amount)}") == (kind, amount)
