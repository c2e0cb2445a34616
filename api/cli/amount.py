"""One limit on the command line: `requests_per_minute=60`, `money_per_day=25.00`.

Money is written in units of the operator's currency, and kept in micro-units.
"""

import re
from decimal import Decimal

import click

from appliance.limits.budget import MONEY, Kind
from appliance.limits.rules import AMOUNT_MAX

MICRO = 1_000_000
CENT = Decimal("0.01")
FORM = "Write it as requests_per_minute=60 or money_per_day=25.00"


class Assignment(click.ParamType[tuple[Kind, int]]):
    name = "limit=amount"

    def convert(
        self, value: str | tuple[Kind, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Kind, int]:
        if isinstance(value, tuple):
            return value
        name, _, text = value.partition("=")
        if name not in list(Kind):
            self.fail(f"{name!r} is no limit. {FORM}; the limits are {', '.join(Kind)}.", param, ctx)
        kind = Kind(name)
        written = r"[0-9]{1,16}(\.[0-9]{1,6})?" if kind in MONEY else r"[0-9]{1,16}"
        if not re.fullmatch(written, text) or (amount := parsed(kind, text)) > AMOUNT_MAX:
            largest = shown(kind, AMOUNT_MAX)
            self.fail(f"{text!r} is no amount from 0 (unlimited) to {largest}. {FORM}.", param, ctx)
        return kind, amount


def parsed(kind: Kind, text: str) -> int:
    return int(Decimal(text) * MICRO) if kind in MONEY else int(text)


def shown(kind: Kind, amount: int) -> int | Decimal:
    """As it is written; JSON gets money as a string, which loses nothing."""
    if kind not in MONEY:
        return amount
    money = Decimal(amount) / MICRO
    cents = money.quantize(CENT)
    return cents if cents == money else money.normalize()


ASSIGNMENT = Assignment()
