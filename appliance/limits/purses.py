"""What this worker holds of each limit, spent without a database and without waiting."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from appliance.limits import budget
from appliance.limits.budget import MONEY, Balance, Claim, Grant, Kind, Window
from appliance.settings import Bounds

FEW_SLOTS = 32
MOST_SPARE_SLOTS = 64


class Subject(Struct, frozen=True):
    """Whom a limit binds: a tenant, a user or a key."""

    id: str
    label: str


class Purse:
    """Units of one meter in one window: free, reserved by running requests, or spent and not yet reported."""

    __slots__ = (
        "__weakref__", "asked", "balance", "free", "fresh", "kind", "last", "least", "limit", "mark", "meter",
        "pace", "peak", "quiet", "reserved", "spent", "subject", "window",
    )  # fmt: skip

    def __init__(self, meter: str, subject: Subject, kind: Kind, window: Window) -> None:
        self.meter = meter
        self.subject = subject
        self.kind = kind
        self.window = window
        self.limit = 0
        self.free = 0
        self.reserved = 0
        self.spent = 0
        self.balance = Balance(window.start)
        self.fresh = True  # the database may not know this meter yet
        self.asked = 0  # by requests that wait
        self.least = 0  # by the smallest of them
        self.mark = 0  # `free` at the last review, but for what was granted or given back since
        self.peak = 0  # most reserved at once since then; concurrency only
        self.pace = 0
        self.last = 0  # used between the two reviews before
        self.quiet = 0  # reviews since the pace was last kept up

    @property
    def held(self) -> int:
        return self.free + self.reserved

    @property
    def rest(self) -> int:
        """Units that no worker holds, as of the last exchange."""
        return self.limit - self.balance.taken

    def remaining(self) -> int:
        """As far as this worker knows; negative when more was used than reserved."""
        return self.limit - self.balance.taken + self.free

    def is_idle(self) -> bool:
        return not (self.free or self.reserved or self.spent or self.asked)

    def ask(self, amount: int) -> None:
        self.asked += amount
        self.least = min(self.least or amount, amount)

    def review(self) -> Claim | None:
        """A claim if, by what was used since the last review, there is too much in hand or too little."""
        used = self.peak if self.kind is Kind.CONCURRENT else max(self.mark - self.free, 0)
        steady = min(used, self.last)
        self.quiet = 0 if 2 * used >= self.pace else self.quiet + 1
        self.pace = budget.pace(self.pace, used, self.quiet)
        self.last, self.mark, self.peak = used, self.free, self.reserved
        tight = budget.is_tight(self.limit, self.balance.taken)
        if self.kind is Kind.CONCURRENT:
            return self._review_slots(used if tight else self.pace)
        give = budget.surplus(self.free, used if tight else self.pace, tight=tight)
        low = self.free < 2 * steady and not tight
        # Spending that is not reported would let a budget that is spent look as if it were only held.
        unreported = self.spent and not used
        return self.claim(give) if give or low or unreported or self.free < 0 else None

    def _review_slots(self, busy: int) -> Claim | None:
        spare = self._spare_slots()
        idle = min(self.free, max(self.held - busy - spare, 0))
        give = idle if idle > spare else 0
        return self.claim(give) if give or (busy and self.free < spare // 2) else None

    def _spare_slots(self) -> int:
        """To have in hand, so that one more request at once seldom waits; where slots are few they are not spared."""
        if self.limit < FEW_SLOTS or budget.is_tight(self.limit, self.balance.taken):
            return 0
        return min(max(self.pace // 4, 4), MOST_SPARE_SLOTS) if self.pace else 0

    def claim(self, give: int = 0, *, ahead: bool = True) -> Claim:
        """Units given back leave the hand now, before the database is told: they can never be spent twice."""
        used = max(self.mark - self.free, 0)
        booked = self.held
        given = give if self.free >= 0 else self.free
        self.free -= given
        self.mark -= given
        need = max(self.asked - self.free, 0)
        claim = Claim(
            meter=self.meter,
            limit=self.limit,
            window=self.window.start,
            given=given,
            spent=self.spent,
            need=need,
            least=max(self.least - self.free, 0),
            ahead=self._ahead(used, need) if ahead and not give else 0,
            held=self.held if self.kind is Kind.CONCURRENT else None,
            booked=booked if self.kind is Kind.CONCURRENT else 0,
            fresh=self.fresh,
        )
        self.spent = self.asked = self.least = 0
        return claim

    def _ahead(self, used: int, need: int) -> int:
        if self.kind is Kind.CONCURRENT:
            return max(self._spare_slots() - self.free, 0)
        # A first request does not tell that others follow.
        if not (used or self.pace):
            return 0
        return max(budget.stock(max(self.pace, used + need)) - max(self.free, 0), 0)

    def fail(self, claim: Claim) -> None:
        """Nobody knows whether it was booked. What it gave back stays lost, overspending is told again."""
        self.fresh = True
        if claim.given < 0:
            self.free += claim.given
            self.mark += claim.given

    def forfeit(self) -> None:
        """Only what running requests have reserved is left."""
        self.mark -= self.free
        self.free = 0

    def receive(self, grant: Grant) -> None:
        self.free += grant.units
        self.mark += grant.units
        self.balance = grant.balance
        self.fresh = False


class Account:
    """The purses of one caller, good `until` the first of their windows ends."""

    __slots__ = ("bounds", "by_session", "counts", "money", "purses", "slots", "tokens", "until")

    def __init__(self, bounds: tuple[tuple[Subject, Bounds], ...], purses: Iterable[Purse]) -> None:
        self.bounds = bounds
        self.by_session = any(bound.money_per_session for _, bound in bounds)
        self.purses = tuple(purses)
        self.until = min((purse.window.end for purse in self.purses), default=budget.NEVER)
        self.counts = self._of(Kind.REQUESTS)
        self.slots = self._of(Kind.CONCURRENT)
        self.tokens = self._of(Kind.TOKENS)
        self.money = self._of(*MONEY)

    def _of(self, *kinds: Kind) -> tuple[Purse, ...]:
        return tuple(purse for purse in self.purses if purse.kind in kinds)

    def reserve(self, tokens: int, money: int) -> bool:
        """Takes from every purse, or from none."""
        for purse in self.counts:
            if purse.free < 1:
                return False
        for purse in self.slots:
            if purse.free < 1:
                return False
        for purse in self.tokens:
            if purse.free < tokens:
                return False
        if money:
            for purse in self.money:
                if purse.free < money:
                    return False
        self._take(tokens, money)
        return True

    def _take(self, tokens: int, money: int) -> None:
        for purse in self.counts:
            purse.free -= 1
            purse.spent += 1
        for purse in self.slots:
            purse.free -= 1
            purse.reserved += 1
            if purse.reserved > purse.peak:  # noqa: PLR1730 -- max() costs four times as much, on the hot path
                purse.peak = purse.reserved
        for purse in self.tokens:
            purse.free -= tokens
            purse.reserved += tokens
        if money:
            for purse in self.money:
                purse.free -= money
                purse.reserved += money

    def settle(self, reserved: tuple[int, int], used: tuple[int, int]) -> None:
        """Both are tokens and money. Use beyond the reservation makes `free` smaller, even negative."""
        for purse in self.slots:
            purse.free += 1
            purse.reserved -= 1
        tokens, spent = reserved[0], used[0]
        for purse in self.tokens:
            purse.free += tokens - spent
            purse.reserved -= tokens
            purse.spent += spent
        money, spent = reserved[1], used[1]
        if money or spent:
            for purse in self.money:
                purse.free += money - spent
                purse.reserved -= money
                purse.spent += spent

    def amounts(self, tokens: int, money: int) -> Iterator[tuple[Purse, int]]:
        """Each purse with what a request takes from it."""
        for purse in self.purses:
            if purse.kind is Kind.TOKENS:
                yield purse, tokens
            elif purse.kind not in MONEY:
                yield purse, 1
            elif money:
                yield purse, money
