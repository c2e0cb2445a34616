from collections.abc import Sequence

import pytest

from appliance.privacy.answers.leaks import Leaks
from appliance.privacy.answers.restorer import Restorer
from appliance.privacy.answers.supplied import Supplied
from appliance.privacy.placeholder import Placeholders, Reach
from appliance.privacy.policy import Policy
from appliance.privacy.span import Span
from tests.unit.appliance.privacy.finding import KEY, find

PLACEHOLDERS = Placeholders(KEY)
MINE = PLACEHOLDERS.issue("PASSWORD", "hunter2", Reach.ANYWHERE).placeholder
HIDDEN = PLACEHOLDERS.issue("PERSON", "Ann Boss", Reach.NOWHERE).placeholder


def search(text: str, label: str = "") -> Sequence[Span]:
    return find(text)


def leaks(*, written: str = "", **types: str) -> Leaks:
    supplied = Supplied()
    supplied.read({"prompt": written})
    return Leaks(search, Policy(answers="mask", types=types), PLACEHOLDERS, supplied)  # type: ignore[arg-type]


def found(of: Leaks, text: str, **more: object) -> list[str]:
    return [text[each.start : each.end] for each in of.find(text, **more)]  # type: ignore[arg-type]


def test_what_the_caller_did_not_bring_leaks():
    text = "Ask Jane Doe or John Roe, 192.0.2.7"
    assert found(leaks(), text) == ["Jane Doe", "John Roe", "192.0.2.7"]
    assert found(leaks(written="I am John Roe"), text) == ["Jane Doe", "192.0.2.7"]


def test_types_that_are_kept_may_be_told():
    assert found(leaks(IP_ADDRESS="keep"), "Ask Jane Doe, 192.0.2.7") == ["Jane Doe"]


def test_a_placeholder_is_no_leak_whoever_may_read_its_value():
    def pins(text: str, label: str = "") -> Sequence[Span]:
        return [Span(5, len(text), "PASSWORD", 1.0, "test")]

    of = Leaks(pins, Policy(), PLACEHOLDERS, Supplied())
    for text in (f"pin: {MINE}", f"pin: {HIDDEN}", f"pin: {MINE.lower()}", f"pin: {MINE}."):
        assert found(of, text) == []
    assert found(of, f"pin: 8812-{MINE}") == ["8812-"]
    assert found(of, f"pin: {MINE}-8812{HIDDEN}4455") == ["-8812", "4455"]


def test_what_leaked_once_leaks_wherever_it_stands():
    assert found(leaks(), "ask JANE DOE", seen=[("Jane Doe", "PERSON")]) == ["JANE DOE"]


@pytest.mark.parametrize(
    ("kind", "value", "action", "told"),
    [
        ("PERSON", "Jane Doe", "mask", "[PERSON]"),
        ("IP_ADDRESS", "192.0.2.7", "generalise", "192.0.2.0/24"),
        ("PERSON", "Jane Doe", "generalise", "[PERSON]"),
        ("PERSON", "Jane Doe", "drop", ""),
        ("line of ours", "x", "mask", "[LINE_OF_OURS]"),
    ],
)
def test_the_policy_says_what_is_told_instead(kind, value, action, told):
    of = leaks(**{kind: action})
    assert of.tell(kind, value) == told
    assert of.counts == {kind: 1}


def test_what_is_told_instead_is_never_taken_for_a_placeholder():
    told = leaks().tell("PASSWORD", "x")
    digest = MINE[-7:-1]
    for text in (told, f"{told}_{digest}", f"{told} {digest}", f"{told}{MINE}"):
        assert Restorer(PLACEHOLDERS).whole(text) == text.replace(MINE, "hunter2")
