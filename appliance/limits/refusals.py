"""Why a request is refused by a limit, when trying again helps, and what else does."""

import math

from appliance.errors import BudgetExceeded, LimitExceeded
from appliance.limits.budget import MONEY, SESSION_SECONDS, Kind
from appliance.limits.purses import Account, Purse

# Where units are only held, by requests that run or by workers that will soon give them back.
SOON = 1.0

UNITS = {
    Kind.REQUESTS: "{} requests per minute",
    Kind.TOKENS: "{} tokens per minute",
    Kind.CONCURRENT: "{} requests at once",
    Kind.DAY: "{} micro-units of money per day",
    Kind.MONTH: "{} micro-units of money per month",
    Kind.SESSION: "{} micro-units of money per session",
}


def is_final(purse: Purse, amount: int) -> bool:
    """Nothing that workers can still give back makes room before the window ends."""
    if amount > purse.limit:
        return True
    spent = purse.balance.spent + purse.spent
    return purse.kind is not Kind.CONCURRENT and spent + amount > purse.limit


def is_short(purse: Purse, amount: int) -> bool:
    """What is in hand and what the database had left at the last exchange do not suffice."""
    return max(purse.rest, 0) + purse.free < amount


def find(account: Account, tokens: int, money: int, now: float) -> LimitExceeded | None:
    """The refusal that holds for longest, if there is one."""
    short = [(purse, amount) for purse, amount in account.amounts(tokens, money) if is_short(purse, amount)]
    found = [refusal(purse, amount, now) for purse, amount in short]
    return max(found, key=lambda error: error.retry_after, default=None)


def find_final(account: Account, tokens: int, money: int, now: float) -> LimitExceeded | None:
    """As far as this worker knows already, so that callers who are over a limit cost no database."""
    for purse, amount in account.amounts(tokens, money):
        if is_final(purse, amount) and purse.free < amount:
            return refusal(purse, amount, now)
    return None


def contended() -> LimitExceeded:
    return LimitExceeded(
        "Too many requests compete for the last units of a limit. Try again in a second.", retry_after=SOON
    )


def refusal(purse: Purse, amount: int, now: float) -> LimitExceeded:
    limit = f"The {purse.subject.label} is limited to {UNITS[purse.kind].format(purse.limit)}"
    raised = f"ask the operator to raise {purse.kind}"
    wait = min(max(purse.window.end - now, 0.0), SESSION_SECONDS)
    if amount > purse.limit:
        return BudgetExceeded(
            f"{limit}; this request alone may take {amount}. Shorten it or its answer, or {raised}.",
            retry_after=wait,
            code=None if purse.kind in MONEY else LimitExceeded.code,
        )
    if not is_final(purse, amount):
        held = f"{limit}; running requests hold what this one needs ({amount})"
        return LimitExceeded(f"{held}. Try again in a second, or {raised}.", retry_after=SOON)
    spent = f"{limit}; what is left is less than this request needs ({amount})"
    if purse.kind is Kind.SESSION:
        return BudgetExceeded(f"{spent}. Begin a new session, or {raised}.", retry_after=wait)
    kind = BudgetExceeded if purse.kind in MONEY else LimitExceeded
    return kind(f"{spent}. Try again in {math.ceil(wait)} s, or {raised}.", retry_after=wait)
