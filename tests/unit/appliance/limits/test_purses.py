from appliance.limits.budget import Balance, Grant, Kind, Window
from appliance.limits.purses import Account, Purse, Subject

MINUTE = Window(60, 120)


def purse(kind: Kind, limit: int = 100, free: int = 0) -> Purse:
    made = Purse(f"tenant:acme|{kind}", Subject("tenant:acme", "tenant acme"), kind, MINUTE)
    made.limit = limit
    made.receive(Grant(free, Balance(60, free)))
    made.mark = made.free
    return made


def test_reserving_takes_from_all_or_none() -> None:
    tokens, money = purse(Kind.TOKENS, free=10), purse(Kind.DAY, free=5)
    account = Account((), [purse(Kind.REQUESTS, free=9), purse(Kind.CONCURRENT, free=9), tokens, money])
    assert not account.reserve(10, 6)
    assert [each.free for each in account.purses] == [9, 9, 10, 5]
    assert account.reserve(10, 5)
    assert [each.free for each in account.purses] == [8, 8, 0, 0]
    account.settle((10, 5), (4, 7))
    assert [each.free for each in account.purses] == [8, 9, 6, -2]
    assert [each.spent for each in account.purses] == [1, 0, 4, 7]
    assert [each.reserved for each in account.purses] == [0, 0, 0, 0]


def test_requests_that_wait_are_claimed_together() -> None:
    waited = purse(Kind.TOKENS, free=4)
    waited.ask(6)
    waited.ask(5)
    claim = waited.claim()
    assert (claim.need, claim.least, claim.ahead) == (7, 1, 0)
    assert waited.claim().need == 0


def test_who_was_busy_asks_for_more_than_is_needed() -> None:
    busy = purse(Kind.TOKENS, free=50)
    busy.free -= 50
    busy.ask(5)
    claim = busy.claim()
    assert (claim.need, claim.ahead) == (5, 5 * 55)


def test_few_slots_are_never_claimed_ahead() -> None:
    slots = purse(Kind.CONCURRENT, limit=20, free=2)
    slots.pace = 2
    slots.free, slots.reserved = 0, 2
    slots.ask(1)
    claim = slots.claim()
    assert (claim.need, claim.ahead, claim.held) == (1, 0, 2)


def test_units_given_back_are_gone_at_once() -> None:
    idle = purse(Kind.TOKENS, free=20)
    claim = idle.review()
    assert claim and claim.given == 20
    assert (idle.free, idle.is_idle()) == (0, True)


def test_a_busy_purse_is_topped_up_before_it_is_empty() -> None:
    busy = purse(Kind.TOKENS, limit=10_000, free=200)
    busy.free -= 60
    assert busy.review() is None  # one burst is no habit
    busy.free -= 60
    claim = busy.review()
    assert claim and claim.ahead == 5 * 60 - 80


def test_a_pause_is_not_an_end() -> None:
    paused = purse(Kind.TOKENS, limit=10_000, free=200)
    paused.free -= 60
    reviews = [paused.review() for _ in range(6)]
    assert [claim.given if claim else 0 for claim in reviews] == [0, 0, 0, 0, 0, 140]


def test_slots_go_back_to_the_most_that_were_used() -> None:
    slots = purse(Kind.CONCURRENT, limit=20, free=10)
    account = Account((), [slots])
    for _ in range(4):
        assert account.reserve(0, 0)
    for _ in range(3):
        account.settle((0, 0), (0, 0))
    claim = slots.review()
    assert claim and (claim.given, claim.held, claim.booked) == (6, 4, 10)
    reviews = [slots.review() for _ in range(6)]
    assert [claim.held if claim else None for claim in reviews] == [None, None, None, None, 1, None]


def test_of_many_slots_some_are_kept_in_hand_until_the_limit_is_near() -> None:
    slots = purse(Kind.CONCURRENT, limit=1000)
    slots.free, slots.reserved, slots.peak = 0, 40, 40
    claim = slots.review()
    assert claim and (claim.given, claim.ahead) == (0, 10)
    slots.receive(Grant(10, Balance(60, 50)))
    assert slots.review() is None
    slots.balance = Balance(60, 900)
    claim = slots.review()
    assert claim and (claim.given, claim.ahead) == (10, 0)


def test_overspending_is_told_until_it_is_booked() -> None:
    over = purse(Kind.TOKENS)
    over.free = -5
    claim = over.review()
    assert claim and claim.given == -5
    assert over.free == 0
    over.fail(claim)
    assert over.free == -5


def test_what_was_given_back_in_vain_stays_lost() -> None:
    idle = purse(Kind.TOKENS, free=20)
    claim = idle.review()
    assert claim
    idle.fail(claim)
    assert idle.free == 0
