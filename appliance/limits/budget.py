"""The arithmetic of limits: windows, slices and prices. No clock, no storage; every amount is an integer.

A *meter* is one limit of one subject, such as the tokens a minute of a tenant. Its *balance* stands in the
database and says how many units of the present window are taken. A worker takes a *slice* by a `Claim` and
spends it at home: taken = what is spent + what workers hold, and `exchange` never lets a slice take it past
the limit. So whatever workers do between their claims, no window is ever charged more than its limit.

Windows are clock minutes, UTC days and UTC months: each request is charged to exactly one of them. That
bounds any 60 seconds across a boundary by twice the limit, as with a token bucket, but a slice of a fixed
window dies with it (a crashed worker's too), needs no refill that workers would have to agree on, and has
one reset time to tell callers.
"""

from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from appliance.settings import Price

NEVER = 253_402_300_800  # the year 10000
SESSION_SECONDS = 31 * 86_400
QUIET_REVIEWS = 5


class Kind(StrEnum):
    """Named as in `settings.Bounds`."""

    REQUESTS = "requests_per_minute"
    TOKENS = "tokens_per_minute"
    CONCURRENT = "concurrent"
    DAY = "money_per_day"
    MONTH = "money_per_month"
    SESSION = "money_per_session"


MONEY = (Kind.DAY, Kind.MONTH, Kind.SESSION)


class Window(Struct, frozen=True):
    start: int
    end: int


class Balance(Struct, frozen=True):
    window: int = 0
    taken: int = 0  # spent or held by a worker
    spent: int = 0  # as far as workers have reported it


class Claim(Struct, frozen=True):
    """What a worker tells and asks of one meter."""

    meter: str
    limit: int
    window: int
    given: int = 0  # units handed back; negative: spent beyond what was held
    spent: int = 0
    need: int = 0  # units missing for requests that wait
    least: int = 0  # what the smallest of them misses
    ahead: int = 0  # units for requests to come
    held: int | None = None  # concurrency only: what this worker holds in all,
    booked: int = 0  # and what its row says it does
    fresh: bool = False  # there may be no balance yet


class Grant(Struct, frozen=True):
    units: int
    balance: Balance


def window(kind: Kind, now: float) -> Window:
    if kind in (Kind.REQUESTS, Kind.TOKENS):
        start = int(now // 60 * 60)
        return Window(start, start + 60)
    if kind is Kind.DAY:
        start = int(now // 86_400 * 86_400)
        return Window(start, start + 86_400)
    if kind is Kind.MONTH:
        return _month(now)
    return Window(0, NEVER)


def _month(now: float) -> Window:
    day = datetime.fromtimestamp(now, UTC)
    first = datetime(day.year, day.month, 1, tzinfo=UTC)
    following = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
    return Window(int(first.timestamp()), int(following.timestamp()))


def exchange(balance: Balance, claim: Claim) -> Grant:
    """Settles what the claim reports, then grants what may be granted.

    A row moves to later windows only. A claim from an earlier one (its worker's clock is late) has nothing
    left to report, and what it is granted belongs to the row's window.
    """
    if claim.window > balance.window:
        balance = Balance(claim.window)
    elif claim.window == balance.window:
        taken = max(balance.taken - claim.given, 0)
        balance = replace(balance, taken=taken, spent=balance.spent + claim.spent)
    units = _slice(claim.limit - balance.taken, claim)
    return Grant(units, replace(balance, taken=balance.taken + units))


def _slice(rest: int, claim: Claim) -> int:
    """What is needed, then at most a quarter of the remainder, so that the last units are had one by one."""
    if rest < max(claim.least, 1):
        return 0
    needed = min(rest, claim.need)
    return needed + min(claim.ahead, (rest - needed) // 4)


def pace(before: int, used: int, quiet: int) -> int:
    """Units used between two reviews; a pause of less than `QUIET_REVIEWS` does not lower it."""
    return used if used > before or quiet >= QUIET_REVIEWS else before


def stock(pace: int) -> int:
    """Units to have in hand: enough for five reviews, so that requests seldom wait for a slice."""
    return 5 * pace


def surplus(free: int, pace: int, *, tight: bool) -> int:
    """Units to give back. Where little is left for all (`tight`), what was not used since the last review."""
    if tight:
        return max(free - pace, 0)
    return free - stock(pace) if free > 2 * stock(pace) else 0


def is_tight(limit: int, taken: int) -> bool:
    return 4 * (limit - taken) <= limit


def cost(price: Price | None, prompt_tokens: int, completion_tokens: int) -> int:
    """Micro-units, rounded up: nothing that has a price is free."""
    if price is None:
        return 0
    return -(-(prompt_tokens * price.prompt + completion_tokens * price.completion) // 1000)


def duration(seconds: float) -> bytes:
    """As OpenAI writes it in `x-ratelimit-reset-*`: 250ms, 1s, 6m0s, 1h0m0s."""
    if seconds < 1:
        return b"%dms" % max(int(seconds * 1000), 0)
    minutes, rest = divmod(-int(-seconds // 1), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return b"%dh%dm%ds" % (hours, minutes, rest)
    return b"%dm%ds" % (minutes, rest) if minutes else b"%ds" % rest
