import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appliance.privacy.scanning.overlaps import settled
from appliance.privacy.span import Span

TEXT = "0123456789" * 20
EXACT = frozenset({"record"})


def settle(*spans: Span, rank: dict[str, int] | None = None) -> tuple[Span, ...]:
    return settled(TEXT, spans, lambda name: (rank or {}).get(name, 0), EXACT)


def span(start: int, end: int, kind: str = "A", score: float = 0.5, recognizer: str = "x") -> Span:
    return Span(start, end, kind, score, recognizer)


def test_finds_that_do_not_overlap_stay_in_order():
    assert settle(span(10, 20), span(0, 10), span(30, 40, "B")) == (span(0, 10), span(10, 20), span(30, 40, "B"))


def test_an_exact_term_goes_before_all():
    term = span(5, 9, "B", 1.0, "record")
    assert settle(span(5, 12, "A", 1.0), term) == (term,)


def test_what_a_check_confirmed_goes_before_what_is_longer():
    card = span(4, 20, "CARD", 1.0)
    assert settle(span(2, 22, "PHONE", 0.9), card) == (card,)


def test_the_longer_goes_before_the_surer():
    url = span(0, 40, "URL", 0.5)
    assert settle(span(8, 20, "DOMAIN", 0.9), url) == (url,)


def test_then_the_surer_then_the_rank_then_the_first():
    assert settle(span(0, 8, "A", 0.5), span(0, 8, "B", 0.6)) == (span(0, 8, "B", 0.6),)
    assert settle(span(0, 8, "A"), span(0, 8, "B"), rank={"B": 1}) == (span(0, 8, "B"),)
    assert settle(span(2, 10), span(0, 8)) == (span(0, 8),)


def test_what_is_left_of_a_loser_is_still_found():
    assert settle(span(0, 30, "URL"), span(10, 20, "CARD", 1.0)) == (
        span(0, 10, "URL"),
        span(10, 20, "CARD", 1.0),
        span(20, 30, "URL"),
    )


def test_a_web_address_gives_way_to_what_is_secret_in_it():
    text = "https://isp.example/x?key=abcdefgh&v=1"
    inner = span(26, 34, "API_KEY", 0.6)
    pieces = settled(text, [span(0, 38, "URL", 0.95), inner], lambda _: 0, EXACT)
    assert pieces == (span(0, 26, "URL", 0.95), inner)
    assert settled("tftp://10.1.1.1/", [span(0, 16, "URL"), span(7, 15, "IP_ADDRESS")], lambda _: 0, EXACT) == (
        span(7, 15, "IP_ADDRESS"),
    )


def test_crumbs_are_not():
    assert settle(span(0, 13, "URL"), span(0, 10, "CARD", 1.0)) == (span(0, 10, "CARD", 1.0),)
    assert settled("card 1234   ----", [span(0, 16), span(5, 9, "B", 1.0)], lambda _: 0, EXACT)[-1].end == 9


def test_what_is_left_begins_and_ends_with_no_blank():
    left = settled("Maria Keller maria@isp", [span(0, 18), span(13, 22, "B", 1.0)], lambda _: 0, EXACT)
    assert left == (span(0, 12), span(13, 22, "B", 1.0))


spans = st.builds(
    lambda start, length, kind, score, who: Span(start, min(start + length, len(TEXT)), kind, score, who),
    st.integers(0, 190), st.integers(1, 60), st.sampled_from("ABC"),
    st.sampled_from([0.3, 0.5, 0.9, 1.0]), st.sampled_from(["x", "y", "record"]),
)  # fmt: skip


@given(st.lists(spans, max_size=20))
def test_nothing_overlaps_and_of_no_find_more_than_a_crumb_is_lost(found):
    kept = settle(*found)
    assert list(kept) == sorted(kept)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    covered = [False] * len(TEXT)
    for each in kept:
        covered[each.start : each.end] = [True] * (each.end - each.start)
    for each in found:
        lost = "".join("#" if covered[at] else "." for at in range(each.start, each.end))
        assert "...." not in lost
        assert "#" in lost


@given(st.lists(spans, max_size=12), st.randoms())
def test_the_order_in_which_they_come_does_not_matter(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert settle(*shuffled) == settle(*found)


def test_many_that_nest_take_no_quadratic_time():
    text = "a" * 200_000
    nested = [Span(at, 200_000 - at, "A", 0.5, "x") for at in range(50_000)]
    small = [Span(at, at + 4, "B", 1.0, "x") for at in range(0, 200_000, 8)]
    began = time.process_time()
    kept = settled(text, nested + small, lambda _: 0, EXACT)
    assert len(kept) == 50_000
    assert time.process_time() - began < 20
