import json
import re
from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase

import pytest

from appliance.errors import PrivacyUnavailable
from appliance.privacy.answers import editors as module
from appliance.privacy.answers.editors import JsonEditor, TextEditor, new_editor
from appliance.privacy.answers.leaks import Leaks
from appliance.privacy.answers.supplied import Supplied
from appliance.privacy.answers.utterance import Editor
from appliance.privacy.placeholder import Placeholders
from appliance.privacy.policy import Policy
from appliance.privacy.span import Span
from tests.unit.appliance.privacy.finding import KEY, find

KEYS = re.compile(r"BEGIN [\w\s]+?(?:END|\Z)")
PROSE = "Your line is back and we have seen no further loss since noon today. "


def search(text: str, label: str = "") -> Sequence[Span]:
    return find(text)


def leaks(answers: str = "mask", of: Callable[..., Sequence[Span]] = search) -> Leaks:
    return Leaks(of, Policy(answers=answers), Placeholders(KEY), Supplied())  # type: ignore[arg-type]


def through(editor: Editor, text: str, size: int) -> str:
    return "".join([*(editor.feed(text[at : at + size]) for at in range(0, len(text), size)), editor.end()])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_leaks_are_masked_in_any_pieces(size):
    text = f"{PROSE}Ask Jane Doe (jane@x.example), or call +49 171 555 0101. {PROSE}Again: jane doe."
    told = f"{PROSE}Ask [PERSON] ([EMAIL_ADDRESS]), or call [PHONE_NUMBER]. {PROSE}Again: [PERSON]."
    assert through(TextEditor(leaks()), text, size) == told


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_an_answer_stops_before_the_first_leak(size):
    of = leaks("stop")
    editor = TextEditor(of)
    assert through(editor, f"{PROSE}Ask Jane Doe. {PROSE}{PROSE}", size) == f"{PROSE}Ask "
    assert editor.stopped
    assert of.counts == {"PERSON": 1}
    assert editor.feed("more") == editor.end() == ""


def test_no_more_is_held_than_may_matter():
    editor = TextEditor(leaks())
    text = PROSE * 20
    told = held = 0
    for at, letter in enumerate(text):
        told += len(editor.feed(letter))
        held = max(held, at + 1 - told)
    # A step behind what may matter, and to the ends of words.
    assert held <= module.AHEAD + max(module.STEP, len(text) // module.STEPS) + 2 * len("further ")
    assert editor.end() == text[told:]


def test_a_value_that_goes_on_is_held_until_it_ends():
    def keys(text: str, label: str = "") -> Sequence[Span]:
        return [Span(*each.span(), "PRIVATE_KEY", 1.0, "test") for each in KEYS.finditer(text)]

    key = "BEGIN " + "abcd efgh\n" * 300 + "END"
    for size in (1, 13, 10_000):
        assert through(TextEditor(leaks(of=keys)), f"Here: {key} done", size) == "Here: [PRIVATE_KEY] done"


def test_the_first_line_of_a_table_is_read_with_its_last():
    reads = list[str]()

    def pins(text: str, label: str = "") -> Sequence[Span]:
        reads.append(text)
        if "name;pin\n" not in text:
            return []
        return [Span(*each.span("v"), "PASSWORD", 1.0, "test") for each in re.finditer(r";(?P<v>\d+)\n", text)]

    rows = "".join(f"somebody of the northern region {number};{number}\n" for number in range(1000, 1400))
    table = f"name;pin\n{rows}"
    told = through(TextEditor(leaks(of=pins)), f"{PROSE}\n\n{table}", 9)
    assert told == f"{PROSE}\n\n" + re.sub(r";\d+\n", ";[PASSWORD]\n", table)
    assert max(map(len, reads)) < 2 * module.MOST_BEFORE
    assert sum(map(len, reads)) < 25 * len(table)


def test_long_text_is_read_in_bounded_pieces():
    reads = list[int]()

    def nothing(text: str, label: str = "") -> Sequence[Span]:
        reads.append(len(text))
        return []

    text = (PROSE * 300).replace("noon", "NOON\n", 1)
    assert through(TextEditor(leaks(of=nothing)), text, 11) == text
    assert max(reads) < 2 * module.MOST_BEFORE


def test_words_of_scripts_without_blanks_are_told():
    text = "您的线路已恢复正常。" * 2_000
    assert through(TextEditor(leaks()), text, 10) == text


@pytest.mark.parametrize("size", [100, 100_000])
def test_what_never_ends_is_refused(size):
    with pytest.raises(PrivacyUnavailable):
        through(TextEditor(leaks()), f"{PROSE}{'x' * 9_000} {PROSE}", size)
    with pytest.raises(PrivacyUnavailable):
        through(JsonEditor(leaks()), "x" * (module.MOST_JSON + 1), module.MOST_JSON)
    with pytest.raises(PrivacyUnavailable):
        through(JsonEditor(leaks()), "[" * 200 + "]" * 200, size)


def test_only_so_many_leaks_are_remembered():
    people = [f"Jane {first}{second}xyz" for first in ascii_uppercase for second in ascii_lowercase]
    people = people[: module.MOST_SEEN + 1]
    text = f"{', '.join(people)}; {PROSE * 8}{people[0].lower()}, {people[-1].lower()}"
    assert through(TextEditor(leaks()), text, 10).endswith(f"{people[0].lower()}, [PERSON]")


@pytest.mark.parametrize("size", [1, 9, 1_000])
def test_json_stays_json(size):
    def numbers(text: str, label: str = "") -> Sequence[Span]:
        found = re.compile(r"(?<=\d)\d{6,}") if label == "account" else re.compile(r'"[^"]+"@x')
        return [Span(*each.span(), "ACCOUNT_ID", 1.0, "test") for each in found.finditer(text)]

    given = {"account": 12345678, "pin": 12345678, "mails": ['"a"@x'], "deep": {"ok": None, "on": True}}
    told = through(JsonEditor(leaks(of=numbers)), json.dumps(given), size)
    assert json.loads(told) == {**given, "account": "1[ACCOUNT_ID]", "mails": ["[ACCOUNT_ID]"]}


def test_what_was_to_be_json_and_is_not_is_read_as_text():
    assert through(JsonEditor(leaks()), '{"who": "Jane Doe", "wh', 5) == '{"who": "[PERSON]", "wh'


def test_of_json_with_a_leak_nothing_is_told_where_answers_stop():
    of = leaks("stop")
    editor = JsonEditor(of)
    assert through(editor, '{"who": "Jane Doe", "when": "now"}', 5) == ""
    assert editor.stopped
    assert editor.feed("more") == editor.end() == ""


def test_each_form_has_its_editor():
    assert isinstance(new_editor(leaks(), False), TextEditor)
    assert isinstance(new_editor(leaks(), True), JsonEditor)
