import weakref
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.scanner import PART, STEPS, Scanner
from appliance.privacy.span import Span


def pattern(regex: str, score: float = 0.5, **more) -> Pattern:
    return Pattern(**{"type": "T", "name": regex, "regex": regex, "score": score} | more)


def scan(text: str, *patterns: Pattern) -> list[Span]:
    """The same finds with and without the prefilter."""
    scanner = Scanner(patterns, deadline_seconds=60)
    slowly = scanner.scan(text)
    scanner.prepare()
    assert scanner.scan(text) == slowly
    return slowly


def values(text: str, *patterns: Pattern) -> list[str]:
    return [text[each.start : each.end] for each in scan(text, *patterns)]


MAC = pattern(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", ignore_case=True)
FIVE = pattern(r"(?:^|[^0-9])(?P<v>[0-9]{5})(?:$|[^0-9])")


def test_a_find_says_where_what_and_how_sure():
    assert scan("mac 00:1A:2B:3C:4D:5E.", MAC) == [Span(4, 21, "T", 0.5, MAC.name)]


def test_all_finds_of_all_patterns_come_in_order():
    assert values("12345 00:00:00:00:00:01, 23456", MAC, FIVE) == ["12345", "00:00:00:00:00:01", "23456"]


def test_two_values_may_share_one_boundary():
    assert values("12345 23456,34567", FIVE) == ["12345", "23456", "34567"]


def test_a_branch_without_the_group_passes_over_what_looks_alike():
    version = pattern(r"\bversion [0-9.]{1,9}|\b(?P<v>[0-9]\.[0-9])\b")
    assert values("1.2, version 1.3, version 1.4.5, 1.6", version) == ["1.2", "1.6"]


def test_a_rejected_value_may_begin_the_next_match():
    label = pattern(r"\b(?:key|password): (?P<v>\w{1,9})", check=lambda value: value != "password" and None)
    assert values("key: password: secret", label) == ["secret"]


def test_a_pattern_does_not_overlap_itself_and_takes_all_it_can():
    assert values("aaaaa", pattern("a{2,4}")) == ["aaaa"]


@pytest.mark.parametrize("text", ["ä 12345", "日本語 12345 ß 23456", "😀12345😀", "\ud800 12345"])
def test_places_are_characters(text):
    assert [text[each.start : each.end] for each in scan(text, FIVE)] == [w for w in ("12345", "23456") if w in text]


def test_a_pattern_may_hold_letters_of_any_language():
    assert values("Grüße aus der Königstraße 12!", pattern(r"\b[A-Z][a-zäöüß]{2,40}straße [0-9]{1,4}\b")) == [
        "Königstraße 12"
    ]


def test_long_repetitions_are_exact_though_the_prefilter_widens_them():
    assert values("a" * 100 + "!" + "b" * 61 + "!", pattern("[a-b]{40,60}!")) == ["a" * 60 + "!", "b" * 60 + "!"]


def test_what_a_check_confirms_is_sure_and_what_it_denies_is_none():
    even = pattern(r"\b[0-9]{2}\b", check=lambda value: int(value) % 2 == 0)
    assert [(each.start, each.score) for each in scan("11 12 13 14", even)] == [(3, 1.0), (9, 1.0)]


def test_a_check_that_cannot_tell_leaves_the_score():
    assert scan("11", pattern(r"\b[0-9]{2}\b", check=lambda value: None))[0].score == 0.5


def test_after_a_denied_match_the_next_may_begin_within_it():
    wanted = pattern(r"\b[0-9]{4} [0-9]{4}\b", check=lambda value: value.startswith("4"))
    assert values("1234 4111 1111", wanted) == ["4111 1111"]


def test_context_lifts_what_its_form_alone_does_not_tell():
    imei = pattern(r"\b[0-9]{15}\b", 0.1, context=("imei",))
    assert [each.score for each in scan("imei_number: 490154203237518", imei)] == [0.84]
    assert [each.score for each in scan("order 490154203237518", imei)] == [0.1]


def test_what_is_below_its_floor_is_left_out_and_without_context_not_even_looked_for():
    clock = Clock()
    weak = pattern(r"\b[0-9]{15}\b", 0.1, context=("imei", "serial number"))
    scanner = Scanner([weak, FIVE], deadline_seconds=1e9, floor={"T": 0.4}.__getitem__, clock=clock)
    assert scanner.scan("order 490154203237518 of 12345") == [Span(25, 30, "T", 0.5, FIVE.name)]
    assert [each.score for each in scanner.scan("imei 490154203237518, 490154203237518")] == [0.85, 0.84]
    looks = []
    for word in ("order ", "imei "):
        clock.looks = 0
        scanner.scan(word + "490154203237518 " * STEPS * 4)
        looks.append(clock.looks)
    assert looks[1] >= looks[0] + 4
    assert [each.score for each in scanner.scan("serial number 490154203237518")] == [0.85]


def test_what_a_check_may_confirm_is_looked_for_without_context():
    weak = pattern(r"\b[0-9]{2}\b", 0.1, check=lambda value: True if value == "12" else None)
    assert Scanner([weak], deadline_seconds=60, floor=lambda _: 0.4).scan("11 12") == [Span(3, 5, "T", 1.0, weak.name)]


def test_with_context_words_and_too_low_a_score_its_check_is_asked_only_near_one():
    asked = []
    weak = pattern(r"\b[0-9]{2}\b", 0.1, context=("id",), check=lambda value: bool(asked.append(value)))
    scanner = Scanner([weak], deadline_seconds=60, floor=lambda _: 0.4)
    assert scanner.scan("11 a b c d e f id 12 a b c d e f g 13") == []
    assert asked == ["12"]


def test_unless_the_check_may_prove_it():
    sure = pattern(r"\b[0-9]{2}\b", 0.1, context=("id",), check=lambda value: value == "12", proves=True)
    assert len(Scanner([sure], deadline_seconds=60, floor=lambda _: 0.4).scan("11 12")) == 1


def test_only_what_is_near_a_hint_is_looked_at():
    hinted = pattern(r"\b[a-z]{2}[0-9]{4}(?P<v>[a-z]{3,9})\b", hint="[a-z][0-9]{4}[a-z]")
    assert values("ab1234xyz, ab1234xyzuvw; ab12345 cd5678abc", hinted, MAC) == ["xyz", "xyzuvw", "abc"]
    misled = Scanner([pattern("cat|dog", hint="at")], deadline_seconds=60)
    misled.prepare()
    assert misled.scan("dog") == []
    assert len(misled.scan("dog" + " " * 90 + "cat")) == 1


@pytest.mark.parametrize(
    "text", ["KEY 12 34 56", "12 34 key", "my_key\n12;34", "clé 12 34", "CLÉ: 12, 34 and 56", "monkey 12"]
)
def test_the_words_of_the_context_may_be_the_hint(text):
    words = ("key", "clé")
    plain = pattern(r"\b[0-9]{2}\b", 0.1, context=words)
    hinted = pattern(plain.regex, 0.1, context=words, words_first=True)
    for floor in (0.4, 0.05):
        one, other = (
            Scanner([each, MAC], deadline_seconds=60, floor=lambda _, least=floor: least) for each in (plain, hinted)
        )
        other.prepare()
        assert one.scan(text) == other.scan(text)
        assert bool(one.scan(text)) == ("mon" not in text or floor < 0.1)


def test_a_wrong_pattern_is_named():
    with pytest.raises(ConfigError, match=r"\(x\(.*Correct it"):
        Scanner([pattern("(x(")], deadline_seconds=1).scan("x")


def test_what_the_prefilter_cannot_look_for_is_found():
    inner = pattern(r"(?:x|^)[0-9]{2}$")
    empty = pattern(r"y{0,3}")
    assert values("12", inner, MAC) == ["12"]
    assert values("a12\nyy\n", inner, empty, MAC) == ["yy"]


class Clock:
    """Each look at it takes a second."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


def test_a_text_that_takes_too_long_is_refused():
    with pytest.raises(PrivacyUnavailable, match="shorter parts"):
        Scanner([FIVE], deadline_seconds=10, clock=Clock()).scan("12345 " * 20 * STEPS)


def test_a_longer_text_has_more_time():
    assert Scanner([FIVE], deadline_seconds=10, clock=Clock()).scan("12345 " * 7 * STEPS)
    assert Scanner([FIVE], deadline_seconds=10, clock=Clock()).scan("12345 " * 15 * STEPS + " " * PART)


def test_a_text_that_holds_none_is_refused_as_well_when_time_is_over():
    with pytest.raises(PrivacyUnavailable):
        Scanner([FIVE] * 20 * STEPS, deadline_seconds=10, clock=Clock()).scan("none")


@pytest.mark.parametrize("unit", [".", "@", "1", "a@a.a@a.", "([{", "00:", "12345 ", '{"a":["', "1.1.", "a b "])
def test_work_grows_as_the_text_does(unit):
    """What is counted is how often the clock is looked at: at every eighth pattern and match."""
    mail = pattern(r"\b[a-z0-9.]{1,64}@[a-z0-9.]{1,64}\b")
    looks = []
    for size in (1_000, 8_000):
        clock = Clock()
        scanner = Scanner([MAC, FIVE, mail], deadline_seconds=1e9, clock=clock)
        scanner.prepare()
        scanner.scan((unit * size)[:size])
        looks.append(clock.looks)
    assert looks[0] <= 1_000 // STEPS
    assert looks[1] <= 8 * looks[0] + 8


def test_a_denied_match_costs_one_step_at_most_for_each_character():
    clock = Clock()
    never = pattern("[0-9]{13,19}", check=lambda value: False)
    assert Scanner([never], deadline_seconds=1e9, clock=clock).scan("1" * 5_000) == []
    assert clock.looks <= 5_002 // STEPS + 1


def test_a_prepared_scanner_is_kept_and_found_again(tmp_path: Path):
    Scanner([MAC, FIVE], deadline_seconds=60).prepare(tmp_path)
    (kept,) = tmp_path.glob("*.hyperscan")
    changed = kept.stat().st_mtime_ns
    again = Scanner([MAC, FIVE], deadline_seconds=60)
    again.prepare(tmp_path)
    assert kept.stat().st_mtime_ns == changed
    assert again.scan("12345")


def test_a_closed_scanner_holds_no_automata():
    scanner = Scanner([MAC, FIVE], deadline_seconds=60)
    scanner.prepare()
    scanner.scan("12345")
    automata = weakref.ref(scanner._prefilter)
    scanner.close()
    assert automata() is None
    assert len(scanner.scan("12345")) == 1


@given(st.text(alphabet="ab1.:-@ 0é\n", max_size=200))
def test_the_prefilter_hides_nothing(text):
    assert BARE.scan(text) == PREPARED.scan(text)


SET = (
    MAC,
    FIVE,
    pattern(r"\b[ab0-9.]{1,64}@[ab0-9](?:[ab0-9-]{0,30}\.){0,4}[ab0-9-]{1,40}\b"),
    pattern(r"(?m)^-[ab1 ]{0,70}$"),
    pattern(r"[^ab]{3,9}a"),
    pattern(r"(?i)B{2,3}é?"),
    pattern(r"(?:0\.){2,40}?1"),
)
BARE = Scanner(SET, deadline_seconds=60)
PREPARED = Scanner(SET, deadline_seconds=60)


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    PREPARED.prepare()
