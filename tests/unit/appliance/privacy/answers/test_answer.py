import json
from typing import Any

import pytest

from appliance.privacy.answers.answer import END, PREFIX, StreamRestorer, restored
from appliance.privacy.answers.told import Told
from appliance.privacy.placeholder import Placeholders, Reach
from tests.unit.appliance.privacy.finding import KEY

PLACEHOLDERS = Placeholders(KEY)
PERSON = PLACEHOLDERS.issue("PERSON", 'Jane "J" Doe', Reach.ANYWHERE)
MAIL = PLACEHOLDERS.issue("EMAIL_ADDRESS", "jane@example.net", Reach.ANYWHERE)
NAME = PLACEHOLDERS.issue("USERNAME", "notify_jane", Reach.CALLS)
TOLD = Told(PLACEHOLDERS)
HEAD = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def event(delta: dict[str, Any], finish: str | None = None, index: int = 0, **more: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish, **more}
    return PREFIX + json.dumps({**HEAD, "choices": [choice]}).encode() + END


def events(raw: bytes) -> list[dict[str, Any]]:
    return [json.loads(each.removeprefix(PREFIX)) for each in raw.split(END) if each]


def deltas(raw: bytes, index: int = 0) -> list[dict[str, Any]]:
    choices = [choice for each in events(raw) for choice in each["choices"]]
    return [choice["delta"] for choice in choices if choice["index"] == index]


def said(raw: bytes, name: str = "content", index: int = 0) -> str:
    return "".join(delta.get(name) or "" for delta in deltas(raw, index))


def called(raw: bytes, call: int = 0) -> dict[str, str]:
    pieces = [
        each["function"] for delta in deltas(raw) for each in delta.get("tool_calls", ()) if each["index"] == call
    ]
    return {name: "".join(piece.get(name) or "" for piece in pieces) for name in ("name", "arguments")}


def through(*raws: bytes) -> bytes:
    stream = StreamRestorer(TOLD)
    return b"".join([*map(stream.feed, raws), stream.end()])


@pytest.mark.parametrize("name", ["content", "reasoning_content", "reasoning", "refusal"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100])
def test_texts_come_back_in_any_pieces(name, size):
    text = f"Dear {PERSON.placeholder}, we wrote to {MAIL.placeholder.lower()}s & <you>."
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    raw = through(*[event({name: piece}) for piece in pieces], event({}, "stop"))
    assert said(raw, name) == 'Dear Jane "J" Doe, we wrote to jane@example.nets & <you>.'


def test_an_event_in_which_nothing_changes_stays_the_bytes_it_was():
    raw = (
        b": ping\n\n"
        + event({"role": "assistant", "content": ""})
        + event({"content": " line (is"})
        + event({}, "stop")
    )
    assert StreamRestorer(TOLD).feed(raw) == raw
    assert StreamRestorer(TOLD).feed(b"data: [DONE]\n\n") == b"data: [DONE]\n\n"


def test_without_placeholders_nothing_is_read():
    assert StreamRestorer(Told(Placeholders(KEY))).feed(b"anything") == b"anything"
    assert restored(Told(Placeholders(KEY)), b"anything") == b"anything"


def test_what_has_another_form_is_passed_on():
    odd = PREFIX + b'{"choices":[{"index":0,"delta":{"content":[{"type":"text"}]}}]}' + END
    assert StreamRestorer(TOLD).feed(odd) == odd
    for answer in (b"[1]", b'{"data": [0.10]}'):
        assert restored(TOLD, answer) == answer


def test_what_is_kept_comes_before_the_end():
    stream = StreamRestorer(TOLD)
    out = stream.feed(event({"content": "I am PERSON"}))
    assert said(out) == "I am "
    last = stream.feed(event({"content": "_" + PERSON.digest}, "stop"))
    assert deltas(last) == [{"content": 'Jane "J" Doe'}]
    assert events(last)[0]["choices"][0]["finish_reason"] == "stop"
    assert stream.end() == b""


def test_what_is_kept_when_a_stream_breaks_is_told():
    stream = StreamRestorer(TOLD)
    stream.feed(event({"content": f"I am PERSON_{PERSON.digest}"}))
    rest = stream.end()
    assert events(rest)[0]["id"] == "c-1"
    assert said(rest) == 'Jane "J" Doe'
    assert stream.end() == b""


def test_one_field_ends_where_the_next_begins():
    raw = through(event({"reasoning_content": "so PERSON"}), event({"content": "Hello"}), event({}, "stop"))
    assert said(raw, "reasoning_content") == "so PERSON"
    assert next(delta for delta in deltas(raw) if delta.get("content"))["reasoning_content"] == "PERSON"


def test_choices_are_kept_apart():
    first, second = PERSON.placeholder, MAIL.placeholder
    pieces = []
    for at in range(0, 30, 4):
        pieces += event({"content": first[at : at + 4]}), event({"content": second[at : at + 4]}, index=1)
    raw = through(*pieces, event({}, "stop"), event({}, "stop", index=1))
    assert said(raw) == PERSON.value
    assert said(raw, index=1) == MAIL.value


@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_arguments_of_calls_come_back_as_json(size):
    arguments = json.dumps({"who": PERSON.placeholder, "to": [MAIL.placeholder], "note": f"\n{PERSON.placeholder}\t"})
    begin = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": f"USERNAME_{NAME.digest}"}}]}
    pieces = [
        event({"tool_calls": [{"index": call, "function": {"arguments": arguments[at : at + size]}}]})
        for at in range(0, len(arguments), size)
        for call in (0, 1)
    ]
    raw = through(event(begin), *pieces, event({}, "tool_calls"))
    for call in (0, 1):
        told = json.loads(called(raw, call)["arguments"])
        assert told == {"who": PERSON.value, "to": [MAIL.value], "note": f"\n{PERSON.value}\t"}
    assert called(raw)["name"] == "notify_jane"


def test_completions_have_texts():
    def piece(text: str, finish: str | None = None) -> bytes:
        head = {**HEAD, "object": "text_completion"}
        return (
            PREFIX
            + json.dumps({**head, "choices": [{"index": 0, "text": text, "finish_reason": finish}]}).encode()
            + END
        )

    half = len(PERSON.placeholder) // 2
    raw = through(piece(PERSON.placeholder[:half]), piece(PERSON.placeholder[half:] + " PERSON"))
    assert "".join(each["choices"][0]["text"] for each in events(raw)) == 'Jane "J" Doe PERSON'


def test_logprobs_never_tell_another_text():
    logprobs = {"content": [{"token": "<", "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
    raw = through(event({"content": "x"}, logprobs=logprobs))
    assert events(raw)[0]["choices"][0]["logprobs"] is None
    whole = {"choices": [{"message": {"content": "x"}, "logprobs": logprobs}], "prompt_logprobs": [{}]}
    told = json.loads(restored(TOLD, json.dumps(whole).encode()))
    assert told == {"choices": [{"message": {"content": "x"}, "logprobs": None}]}


def test_answers_that_were_asked_for_as_json_stay_json():
    text = json.dumps({"who": PERSON.placeholder})
    stream = StreamRestorer(Told(PLACEHOLDERS, in_json=True))
    assert json.loads(said(b"".join(stream.feed(event({"content": each})) for each in text))) == {"who": PERSON.value}
    whole = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
    told = json.loads(restored(Told(PLACEHOLDERS, in_json=True), whole))
    assert json.loads(told["choices"][0]["message"]["content"]) == {"who": PERSON.value}


def test_whole_answers_come_back():
    function = {"name": f"USERNAME_{NAME.digest}", "arguments": json.dumps({"who": PERSON.placeholder})}
    message = {
        "role": "assistant", "content": f"To {PERSON.placeholder}", "reasoning_content": MAIL.placeholder,
        "tool_calls": [{"id": "c", "type": "function", "function": function}], "function_call": None, "refusal": None,
    }  # fmt: skip
    answer = {
        **HEAD,
        "choices": [{"index": 0, "message": message}, {"index": 1, "text": MAIL.placeholder}],
        "usage": {},
    }
    told = json.loads(restored(TOLD, json.dumps(answer).encode()))
    assert told["choices"][0]["message"]["content"] == 'To Jane "J" Doe'
    assert told["choices"][0]["message"]["reasoning_content"] == MAIL.value
    assert told["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "notify_jane"
    assert json.loads(told["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]) == {"who": PERSON.value}
    assert told["choices"][1]["text"] == MAIL.value
    assert {name: told[name] for name in HEAD} == HEAD
