"""Answers of which an engine told more than it should, through all that a chat and a completion may hold."""

import json
from functools import partial
from typing import Any

import pytest

from appliance.errors import PrivacyUnavailable
from appliance.privacy.answers.answer import END, PREFIX, StreamRestorer, restored
from appliance.privacy.answers.editors import new_editor
from appliance.privacy.answers.leaks import Leaks
from appliance.privacy.answers.supplied import Supplied
from appliance.privacy.answers.told import Told
from appliance.privacy.placeholder import Placeholders, Reach
from appliance.privacy.policy import Policy
from tests.unit.appliance.privacy.answers.test_answer import called, deltas, event, events, said
from tests.unit.appliance.privacy.finding import KEY, find

PLACEHOLDERS = Placeholders(KEY)
MINE = PLACEHOLDERS.issue("PERSON", "John Roe", Reach.ANYWHERE).placeholder
PROSE = "Your line is back and we have seen no further loss since noon today. "
LEAKY = f"Dear {MINE}, {PROSE}ask Jane Doe. {PROSE}{PROSE}"
MASKED = f"Dear John Roe, {PROSE}ask [PERSON]. {PROSE}{PROSE}"
STOPPED = f"Dear John Roe, {PROSE}ask "


def told(answers: str = "mask", in_json: bool = False) -> Told:
    policy = Policy(answers=answers)  # type: ignore[arg-type]
    leaks = Leaks(lambda text, label="": find(text), policy, PLACEHOLDERS, Supplied())
    return Told(PLACEHOLDERS, in_json, [partial(new_editor, leaks)])


def pieces(text: str, size: int = 5) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def finishes(raw: bytes) -> list[tuple[int, str]]:
    choices = [choice for each in events(raw) for choice in each["choices"]]
    return [(each["index"], each["finish_reason"]) for each in choices if each["finish_reason"]]


@pytest.mark.parametrize("name", ["content", "reasoning_content", "reasoning", "refusal"])
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_texts_are_masked_in_the_stream(name, size):
    stream = StreamRestorer(told())
    raw = b"".join(stream.feed(event({name: each})) for each in pieces(LEAKY, size))
    raw += stream.feed(event({}, "stop"))
    assert said(raw, name) == MASKED
    assert finishes(raw) == [(0, "stop")]
    assert not stream.is_over
    assert stream.end() == b""


@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_a_stream_is_stopped(size):
    how = told("stop")
    stream = StreamRestorer(how)
    raw, fed = b"", 0
    for each in pieces(LEAKY, size):
        raw += stream.feed(event({"content": each}))
        fed += 1
        if stream.is_over:
            break
    assert stream.is_over
    assert how.stopped
    assert said(raw) == STOPPED
    assert finishes(raw) == [(0, "content_filter")]
    assert fed == 1 or fed < len(LEAKY) / size
    assert stream.feed(event({"content": "Jane Doe"})) == stream.feed(event({}, "stop")) == b""
    assert stream.end() == b""


def test_a_leak_at_the_very_end_stops_it_too():
    stream = StreamRestorer(told("stop"))
    raw = stream.feed(event({"role": "assistant", "content": "Jane "})) + stream.feed(event({"content": "Doe"}))
    raw += stream.feed(event({}, "stop"))
    assert said(raw) == ""
    assert finishes(raw) == [(0, "content_filter")]


def test_of_a_stream_that_broke_the_rest_is_searched():
    for answers, text, finish in (("mask", "ask [PERSON]", []), ("stop", "ask ", [(0, "content_filter")])):
        stream = StreamRestorer(told(answers))
        raw = stream.feed(event({"content": "ask Jane Doe"})) + stream.end()
        assert said(raw) == text
        assert finishes(raw) == finish
        assert stream.end() == b""


def test_choices_are_stopped_one_by_one():
    stream = StreamRestorer(told("stop"), choices=3)
    raw = b""
    for each in pieces(LEAKY):
        raw += stream.feed(event({"content": each})) + stream.feed(event({"content": "ok "}, index=1))
    assert not stream.is_over
    raw += stream.feed(event({}, "length", index=1))
    assert not stream.is_over
    raw += stream.feed(event({"content": "Jane Doe"}, "stop", index=2))
    assert stream.is_over
    assert [said(raw, index=index) for index in range(3)] == [STOPPED, "ok " * len(pieces(LEAKY)), ""]
    assert finishes(raw) == [(0, "content_filter"), (1, "length"), (2, "content_filter")]


def test_several_choices_in_one_event():
    stream = StreamRestorer(told("stop"), choices=2)
    first = {"index": 0, "delta": {"content": "Jane Doe"}, "finish_reason": "stop"}
    second = {"index": 1, "delta": {"content": "ok"}, "finish_reason": None}
    for choices, left in (([first, second], 2), ([first, second], 1)):
        raw = stream.feed(PREFIX + json.dumps({"choices": choices, "usage": None}).encode() + END)
        assert len(events(raw)[0]["choices"]) == left
    assert said(stream.end(), index=1) == "okok"


def test_thoughts_that_are_stopped_lead_to_no_answer():
    stream = StreamRestorer(told("stop"))
    raw = stream.feed(event({"reasoning_content": "so Jane Doe"}))
    raw += stream.feed(event({"content": "Fine"})) + stream.feed(event({}, "stop"))
    assert (said(raw, "reasoning_content"), said(raw)) == ("so ", "")
    message = {"role": "assistant", "reasoning_content": "so Jane Doe", "content": "Fine"}
    whole = json.loads(restored(told("stop"), json.dumps({"choices": [{"message": message}]}).encode()))["choices"][0]
    assert (whole["message"]["reasoning_content"], whole["message"]["content"]) == ("so ", "")


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_arguments_of_calls_are_masked_value_by_value(size):
    arguments = json.dumps({"who": "Jane Doe", "for": MINE, "port": 7})
    stream = StreamRestorer(told())
    raw = stream.feed(event({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "ask_Jane Doe"}}]}))
    for each in pieces(arguments, size):
        raw += stream.feed(event({"tool_calls": [{"index": 0, "function": {"arguments": each}}]}))
    raw += stream.feed(event({}, "tool_calls"))
    assert json.loads(called(raw)["arguments"]) == {"who": "[PERSON]", "for": "John Roe", "port": 7}
    assert called(raw)["name"] == "ask_[PERSON]"


def test_a_call_that_is_stopped_is_not_made():
    def call(index: int, who: str) -> dict[str, Any]:
        return {"index": index, "id": "c", "function": {"name": "ask", "arguments": json.dumps({"who": who})}}

    stream = StreamRestorer(told("stop"))
    raw = stream.feed(event({"content": "One moment. ", "tool_calls": [call(0, "all"), call(1, "Jane Doe")]}))
    raw += stream.feed(event({}, "tool_calls"))
    assert said(raw) == "One moment. "
    assert called(raw)["arguments"] == ""
    assert finishes(raw) == [(0, "content_filter")]
    message = {"content": "One moment.", "tool_calls": [call(0, "all"), call(1, "Jane Doe")]}
    answer = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    (choice,) = json.loads(restored(told("stop"), json.dumps(answer).encode()))["choices"]
    assert choice["message"] == {"content": "One moment."}
    assert choice["finish_reason"] == "content_filter"


def test_whole_answers_are_masked_and_stopped():
    def answer() -> bytes:
        message = {"role": "assistant", "content": LEAKY, "refusal": None}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}, {"index": 1, "text": LEAKY}]
        return json.dumps({"choices": choices, "usage": {}}).encode()

    for answers, text, finish in (("mask", MASKED, "stop"), ("stop", STOPPED, "content_filter")):
        how = told(answers)
        first, second = json.loads(restored(how, answer()))["choices"]
        assert how.stopped is (answers == "stop")
        assert (first["message"]["content"], second["text"]) == (text, text)
        assert (first["finish_reason"], second.get("finish_reason")) == (finish, finish if answers == "stop" else None)


def test_completions_are_stopped():
    def piece(text: str) -> bytes:
        choice = {"index": 0, "text": text, "logprobs": {"tokens": [text]}, "finish_reason": None}
        return PREFIX + json.dumps({"object": "text_completion", "choices": [choice]}).encode() + END

    stream = StreamRestorer(told("stop"))
    raw = b"".join(map(stream.feed, map(piece, pieces(LEAKY))))
    assert "".join(choice["text"] for each in events(raw) for choice in each["choices"]) == STOPPED
    assert finishes(raw) == [(0, "content_filter")]
    assert b"tokens" not in raw


def test_what_was_asked_for_as_json_is_told_when_it_is_whole():
    text = json.dumps({"who": "Jane Doe", "for": MINE})
    stream = StreamRestorer(told(in_json=True))
    raw = b"".join(stream.feed(event({"content": each})) for each in pieces(text))
    assert said(raw) == ""
    assert json.loads(said(stream.feed(event({}, "stop")))) == {"who": "[PERSON]", "for": "John Roe"}


def test_other_spellings_of_a_text_are_not_told():
    stream = StreamRestorer(told())
    raw = stream.feed(event({"content": "x"}, token_ids=[7], logprobs={"content": [{"token": "Jane Doe"}]}))
    assert b"Jane" not in raw
    assert "token_ids" not in events(raw)[0]["choices"][0]
    whole = {"choices": [{"message": {"content": "x"}, "token_ids": [7]}]}
    assert b"7" not in restored(told(), json.dumps(whole).encode())


def test_fields_that_no_editor_reads_are_not_told():
    raw = StreamRestorer(told()).feed(event({"content": "", "thinking": "Jane Doe"}, hint="Jane Doe"))
    assert deltas(raw) == [{"content": ""}]
    assert b"Jane" not in raw
    whole = {"choices": [{"hint": "Jane Doe", "message": {"role": "assistant", "audio": {"transcript": "Jane Doe"}}}]}
    (choice,) = json.loads(restored(told(), json.dumps(whole).encode()))["choices"]
    assert choice == {"message": {"role": "assistant"}, "logprobs": None}


@pytest.mark.parametrize("raw", [b"Jane Doe", b"event: x\ndata: {}", b": ping\ndata: {}", b"data:{}", b'data: "x"'])
def test_events_of_another_form_are_refused(raw):
    with pytest.raises(PrivacyUnavailable):
        StreamRestorer(told()).feed(raw + END)
    assert StreamRestorer(Told(PLACEHOLDERS)).feed(raw + END) == raw + END


def test_what_cannot_be_read_is_refused():
    odd = {"content": [{"type": "text", "text": "Jane Doe"}]}
    with pytest.raises(PrivacyUnavailable):
        StreamRestorer(told()).feed(event(odd))
    for whole in (b"Jane Doe", json.dumps({"choices": [{"message": odd}]}).encode()):
        with pytest.raises(PrivacyUnavailable):
            restored(told(), whole)


def test_what_is_no_text_passes():
    for raw in (b": ping\n\n", b"data: [DONE]\n\n", b'data: {"choices":[],"usage":{"total_tokens":3}}\n\n'):
        assert StreamRestorer(told()).feed(raw) == raw
    assert deltas(StreamRestorer(told()).feed(event({"role": "assistant", "content": ""})))[0]["content"] == ""
    assert restored(told(), b'{"data":[{"embedding":[0.1]}]}') == b'{"data":[{"embedding":[0.1]}]}'
