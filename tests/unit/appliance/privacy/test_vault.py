import json
import re
from typing import Any

import msgspec
import pytest

from appliance.errors import InvalidRequest, PrivacyRefused, PrivacyUnavailable
from appliance.privacy.placeholder import Reach, Secret
from appliance.privacy.policy import Policy
from appliance.privacy.record import RECORD
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault
from tests.unit.appliance.privacy.finding import KEY, find, vault


def sealed(of: Vault, *messages: tuple[str, str], **more: Any) -> list[str]:
    body = {"model": "m", "messages": [{"role": role, "content": content} for role, content in messages], **more}
    return [
        each["content"] for each in msgspec.json.decode(of.seal("chat", json.dumps(body).encode()).body)["messages"]
    ]


def test_values_stay_and_placeholders_leave():
    of = vault()
    system, user = sealed(of, ("system", "Serve Jane Doe."), ("user", "I am Jane Doe, jane@example.net"))
    person = of.scrub("Jane Doe")
    assert system == f"Serve {person}."
    assert user == f"I am {person}, {of.scrub('jane@example.net')}"
    assert of.counts == {"PERSON": 1, "EMAIL_ADDRESS": 1}


def test_what_passes_is_the_bytes_that_came():
    body = b'{"model": "m",  "messages": [{"role": "user", "content": "Jane Doe"}]}'
    of = vault(Policy(mode="pass"))
    assert of.seal("chat", body).body is body
    assert of.scrub("Jane Doe") == "Jane Doe"
    assert of.unseen("chat", body) == []


def test_of_two_equal_names_the_first_does_not_leave():
    body = b'{"messages": [{"role": "user", "content": "Jane Doe"}], "messages": []}'
    assert vault().seal("chat", body).body == b'{"messages":[]}'


def test_a_refusing_policy_lets_through_what_is_not_personal():
    of = vault(Policy(mode="refuse", types={"IP_ADDRESS": "keep"}))
    assert sealed(of, ("user", "is 192.0.2.1 up?")) == ["is 192.0.2.1 up?"]
    assert "LITERAL" in sealed(of, ("user", "what is <PERSON_123ABC>?"))[0]
    with pytest.raises(PrivacyRefused):
        sealed(of, ("user", "Jane Doe"))


@pytest.mark.parametrize("form", [None, {"type": "text"}, {"type": "json_object"}])
def test_who_asks_for_json_gets_json(form):
    def line(text: str) -> list[Span]:
        return [Span(0, 8, "ADDRESS", 1.0, "test")] if text.startswith("5 High\nS") else []

    of = Vault(KEY, line, Policy(), Memory(1 << 20))
    placeholder = sealed(of, ("user", "5 High\nSt"), response_format=form)[0].removesuffix("t")
    answer = json.dumps({"choices": [{"message": {"content": placeholder}}]}).encode()
    said = json.loads(of.restore(answer))["choices"][0]["message"]["content"]
    assert said == ("5 High\\nS" if form and form["type"] == "json_object" else "5 High\nS")


def test_embeddings_have_a_policy_of_their_own():
    of = vault(Policy(embeddings="pass"))
    assert of.seal("embeddings", b'{"input":"Jane Doe"}').body == b'{"input":"Jane Doe"}'
    assert b"Jane" not in of.seal("completions", b'{"prompt":"Jane Doe"}').body


def test_each_type_is_treated_as_its_policy_says():
    of = vault(Policy(types={"IP_ADDRESS": "generalise", "PERSON": "drop", "EMAIL_ADDRESS": "keep"}))
    text = of.scrub("Jane Doe at 192.0.2.77 (jane@example.net)", "user")
    assert text == " at 192.0.2.0/24 (jane@example.net)"


def test_what_cannot_be_made_general_is_masked():
    of = vault(Policy(types={"PERSON": "generalise"}))
    assert of.scrub("Jane Doe") == f"<PERSON_{next(iter(of.placeholders.values())).digest}>"


def test_a_value_is_masked_where_nobody_found_it():
    of = vault()
    first, second = sealed(of, ("user", "the router pin: 99887"), ("user", "99887 is what I typed, not 1998870"))
    placeholder = of.scrub("pin: 99887").removeprefix("pin: ")
    assert first == f"the router pin: {placeholder}"
    assert second == f"{placeholder} is what I typed, not 1998870"


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        ("user", Reach.ANYWHERE),
        ("assistant", Reach.ANYWHERE),
        ("tool", Reach.ANYWHERE),
        ("system", Reach.NOWHERE),
        ("developer", Reach.NOWHERE),
    ],
)
def test_who_brought_a_value_says_where_it_may_come_back(role, reach):
    of = vault()
    sealed(of, (role, "Jane Doe"))
    assert [each.reach for each in of.placeholders.values()] == [reach]


def test_a_typed_placeholder_is_a_text_like_any_other():
    of = vault()
    placeholder = of.scrub("Jane Doe", "user")
    user, shouting = sealed(of, ("user", f"what is {placeholder}?"), ("user", placeholder[1:-1]))
    assert placeholder not in user
    assert placeholder[1:-1] not in shouting
    assert user.startswith("what is <LITERAL_")


def test_what_the_engine_wrote_before_is_left_as_it_was():
    of = vault()
    placeholder = of.scrub("boss@example.net", "system")
    said = f"Ask {placeholder} or <PERSON_000000>."
    answer = sealed(of, ("system", "boss@example.net"), ("assistant", said))[1]
    assert answer.startswith(f"Ask {placeholder} or <LITERAL_")


def test_the_answer_to_a_question_is_told_by_it():
    def only_asked(text: str) -> list[Span]:
        at = text.find("hunter22")
        return [Span(at, at + 8, "PASSWORD", 1.0, "test")] if "your password: " in text else []

    of = Vault(KEY, only_asked, Policy(), Memory(1 << 20))
    asked = "Thank you. What is your password?"
    sent = sealed(of, ("assistant", asked), ("user", "hunter22"), ("assistant", "And"), ("user", "hunter22, I said"))
    assert sent[0] == asked
    assert sent[1].startswith("<PASSWORD_")
    assert sent[3] == f"{sent[1]}, I said"


def test_a_form_that_begins_a_line_is_found_under_a_name():
    def only_at_the_beginning(text: str) -> list[Span]:
        return [Span(0, 8, "PASSWORD", 1.0, "test")] if text.startswith("hunter22 ") else []

    of = Vault(KEY, only_at_the_beginning, Policy(), Memory(1 << 20))
    body = of.seal("chat", b'{"messages":[],"metadata":{"colour":"hunter22 is red"}}').body
    assert b"hunter22" not in body


def test_a_name_keeps_to_letters():
    of = vault()
    body = {"messages": [{"role": "user", "name": "Jane Doe", "content": "x"}]}
    name = msgspec.json.decode(of.seal("chat", json.dumps(body).encode()).body)["messages"][0]["name"]
    assert name == f"PERSON_{next(iter(of.placeholders.values())).digest}"


def test_the_name_of_a_tool_comes_back_in_calls_only():
    of = vault()
    tool = {"type": "function", "function": {"name": "Jane Doe", "parameters": {}}}
    sent = msgspec.json.decode(of.seal("chat", json.dumps({"messages": [], "tools": [tool]}).encode()).body)
    [secret] = of.placeholders.values()
    assert sent["tools"][0]["function"]["name"] == f"PERSON_{secret.digest}"
    assert secret.reach is Reach.CALLS


def test_a_name_beside_a_value_is_its_context():
    def only_with_label(text: str) -> list[Span]:
        return [Span(0, len(text), "PASSWORD", 1.0, "test")] if text.startswith("wifi key: ") else []

    of = Vault(KEY, only_with_label, Policy(), Memory(1 << 20))
    body = of.seal("chat", b'{"messages":[],"metadata":{"wifi key":"hunter22","colour":"blue"}}').body
    metadata = msgspec.json.decode(body)["metadata"]
    assert metadata["wifi key"].startswith("<PASSWORD_")
    assert metadata["colour"] == "blue"


def test_only_new_text_is_searched():
    memory = Memory(1 << 20)
    searched: list[str] = []

    def watched(text: str) -> list[Span]:
        searched.append(text)
        return find(text)

    turns = [("user", "Jane Doe"), ("assistant", "hello"), ("user", "John Roe")]
    for _ in range(3):
        sealed(Vault(KEY, watched, Policy(), memory, b"one"), *turns)
    assert searched == ["Jane Doe", "Jane Doe: hello", "hello: John Roe"]
    sealed(Vault(KEY, watched, Policy(), memory, b"another"), *turns[:1])
    sealed(Vault(b"another tenant's key, also 32 byte", watched, Policy(), memory, b"one"), *turns[:1])
    assert searched[3:] == ["Jane Doe", "Jane Doe"]


def test_texts_can_be_searched_elsewhere():
    def never(text: str) -> list[Span]:
        raise AssertionError(text)

    of = Vault(KEY, never, Policy(), Memory(1 << 20))
    body = b'{"messages":[{"role":"user","content":"Jane Doe"},{"role":"user","content":"Jane Doe"}]}'
    assert of.unseen("chat", body) == ["Jane Doe", "Jane Doe: Jane Doe"]
    for text in ("Jane Doe", "Jane Doe: Jane Doe"):
        of.note(text, find(text))
    assert of.unseen("chat", body) == []
    assert b"Jane" not in of.seal("chat", body).body


def test_a_detector_that_breaks_refuses_and_quotes_nothing():
    def breaks(text: str) -> list[Span]:
        raise ValueError(f"cannot read {text}")

    with pytest.raises(PrivacyUnavailable) as refused:
        Vault(KEY, breaks, Policy(), Memory(1 << 20)).scrub("Jane Doe")
    assert "Jane" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("places", [((0, 99),), ((3, 3),), ((5, 2),), ((-1, 2),), ((0, 4), (2, 6)), ((4, 6), (0, 2))])
def test_places_that_cannot_be_refuse(places):
    spans = [Span(start, end, "PERSON", 1.0, "test") for start, end in places]
    with pytest.raises(PrivacyUnavailable):
        Vault(KEY, lambda _: spans, Policy(), Memory(1 << 20)).scrub("Jane Doe")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"a":1e999}', b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"])
def test_what_is_no_request_is_refused(body):
    with pytest.raises(InvalidRequest):
        vault().seal("chat", body)


def test_tokens_are_refused():
    with pytest.raises(PrivacyRefused):
        vault().seal("detokenize", b'{"model":"m","tokens":[1]}')


def test_a_record_comes_back_whoever_wrote_it():
    def record(text: str) -> list[Span]:
        return [Span(6, 14, "PERSON", 1.0, RECORD)] if text.startswith("Serve ") else find(text)

    of = Vault(KEY, record, Policy(), Memory(1 << 20))
    sealed(of, ("system", "Serve Jane Roe."), ("system", "Jane Poe pays"))
    assert {each.value: each.reach for each in of.placeholders.values()} == {
        "Jane Roe": Reach.ANYWHERE,
        "Jane Poe": Reach.NOWHERE,
    }


def test_a_record_whose_type_is_kept_is_kept():
    def record(text: str) -> list[Span]:
        return [Span(0, 8, "PERSON", 1.0, RECORD)]

    of = Vault(KEY, record, Policy(types={"PERSON": "keep"}), Memory(1 << 20))
    assert of.scrub("Jane Roe", "system") == "Jane Roe"
    assert not of.counts


def kept() -> list[Secret]:
    return [
        Secret("PERSON", "7F3A21", "Jane Doe", Reach.ANYWHERE),
        Secret("PASSWORD", "00AB12", "hunter22", Reach.CALLS),
    ]


def test_a_value_of_an_earlier_request_comes_back():
    of = vault()
    of.recall(kept())
    (said,) = sealed(of, ("assistant", "Ask <PERSON_7F3A21>"))
    assert said == "Ask <PERSON_7F3A21>"
    answer = json.dumps({"choices": [{"message": {"content": "<PERSON_7F3A21> knows <PASSWORD_00AB12>"}}]})
    told = json.loads(of.restore(answer.encode()))["choices"][0]["message"]["content"]
    assert told == "Jane Doe knows <PASSWORD_00AB12>"
    assert not of.counts and of.unkept == []


def test_a_value_that_comes_again_has_the_placeholder_that_was_kept():
    of = vault()
    of.recall(kept())
    assert sealed(of, ("user", "jane doe? Jane Doe typed hunter22")) == [
        "<PERSON_7F3A21>? <PERSON_7F3A21> typed <PASSWORD_00AB12>"
    ]
    assert of.counts == {"PERSON": 1, "PASSWORD": 1}


def test_only_what_is_new_is_to_be_kept():
    of = vault()
    of.recall(kept())
    sealed(of, ("system", "Ask John Roe"), ("user", "Jane Doe, jane@example.net, <PERSON_000000>"))
    assert [each.value for each in of.unkept] == ["jane@example.net"]
    sealed(of, ("user", "it is hunter22"))
    assert [(each.value, each.reach) for each in of.unkept] == [
        ("hunter22", Reach.ANYWHERE),
        ("jane@example.net", Reach.ANYWHERE),
    ]


def test_what_was_known_before_refuses_nothing():
    of = vault(Policy(mode="refuse"))
    of.recall(kept())
    assert sealed(of, ("user", "is the line up?")) == ["is the line up?"]


@pytest.mark.parametrize("mode", ["mask", "pass"])
def test_answers_are_searched_for_what_the_request_did_not_hold(mode):
    of = vault(Policy(mode=mode, answers="mask"))
    said = sealed(of, ("system", "pin: 8812"), ("user", "I am Jane Doe at 10:20:30:aa:bb:cc"))[1]
    content = f"{said}, not John Roe; pin: 8812, 1020.30aa.bbcc is yours"
    answer = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
    told = json.loads(of.restore(answer))["choices"][0]["message"]["content"]
    assert told == "I am Jane Doe at 10:20:30:aa:bb:cc, not [PERSON]; pin: [PASSWORD], 1020.30aa.bbcc is yours"
    assert of.leaks
    assert of.leaks.counts == {"PERSON": 1, "PASSWORD": 1}
    assert not of.told.stopped


def test_images_pass_where_only_answers_are_searched():
    body = b'{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,x"}}]}]}'
    assert vault(Policy(mode="pass", answers="stop")).seal("chat", body).body is body


def test_of_answers_nothing_is_remembered():
    memory = Memory(1 << 20)
    of = vault(Policy(answers="mask"), memory=memory)
    of.restore(b'{"choices":[{"message":{"content":"ask Jane Doe"}}]}')
    assert len(memory) == 0


def test_names_of_values_in_calls_are_their_context():
    def labelled(text: str) -> list[Span]:
        return [Span(5, len(text), "PASSWORD", 1.0, "test")] if text.startswith("pin: ") else []

    of = Vault(KEY, labelled, Policy(answers="mask"), Memory(1 << 20))
    call = {"function": {"name": "f", "arguments": json.dumps({"pin": "8812", "port": "8812"})}}
    answer = json.dumps({"choices": [{"message": {"tool_calls": [call]}}]}).encode()
    (told,) = json.loads(of.restore(answer))["choices"][0]["message"]["tool_calls"]
    assert json.loads(told["function"]["arguments"]) == {"pin": "[PASSWORD]", "port": "8812"}


def test_what_the_caller_knows_is_no_leak():
    def record(text: str) -> list[Span]:
        return [Span(*each.span(), "PERSON", 1.0, RECORD) for each in re.finditer("Doe, Jane", text)]

    of = Vault(KEY, lambda text: sorted([*find(text), *record(text)]), Policy(answers="mask"), Memory(1 << 20))
    mine = Secret("EMAIL_ADDRESS", "0A0A0A", "jane@example.net", Reach.ANYWHERE)
    theirs = Secret("EMAIL_ADDRESS", "0B0B0B", "boss@example.net", Reach.CALLS)
    of.recall([mine, theirs])
    sealed(of, ("user", "hello"))
    answer = {"choices": [{"message": {"content": "Doe, Jane: jane@example.net, not boss@example.net or Jane Poe"}}]}
    told = json.loads(of.restore(json.dumps(answer).encode()))["choices"][0]["message"]["content"]
    assert told == "Doe, Jane: jane@example.net, not [EMAIL_ADDRESS] or [PERSON]"


class Hangs:
    """Stops where somebody says goodbye."""

    stopped = False

    def feed(self, text: str) -> str:
        told, goodbye, _ = text.partition("Goodbye")
        self.stopped = self.stopped or bool(goodbye)
        return told

    def end(self) -> str:
        return ""


@pytest.mark.parametrize("answers", ["keep", "mask"])
def test_other_editors_may_stop_an_answer(answers):
    of = vault(Policy(answers=answers))
    of.told.editors.append(lambda in_json: Hangs())
    (said,) = sealed(of, ("user", "I am Jane Doe"))
    answer = {"choices": [{"message": {"content": f"{said}. Goodbye, Jane Poe"}}]}
    (choice,) = json.loads(of.restore(json.dumps(answer).encode()))["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("I am Jane Doe. ", "content_filter")
    assert of.told.stopped
