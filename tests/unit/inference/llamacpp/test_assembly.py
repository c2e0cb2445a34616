from typing import Any

from inference.llamacpp.assembly import assemble

HEAD = {"id": "i", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def event(index: int = 0, reason: str | None = None, logprobs: Any = None, **delta: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
    return HEAD | {"choices": [choice]}


def test_words_are_joined_choice_by_choice():
    events = [event(0, role="assistant", content=""), event(1, content="x"), event(0, content="a")]
    events += [event(0, content="b"), event(0, "stop"), event(1, "length")]
    answer = assemble(events, USAGE)
    assert answer["object"] == "chat.completion"
    assert answer["usage"] == USAGE
    assert [(each["message"]["content"], each["finish_reason"]) for each in answer["choices"]] == [
        ("ab", "stop"),
        ("x", "length"),
    ]


def test_a_call_is_put_together_and_has_no_words():
    first = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    further = {"index": 0, "function": {"arguments": "{}"}}
    events = [event(role="assistant", content=""), event(tool_calls=[first]), event(tool_calls=[further])]
    (choice,) = assemble([*events, event(0, "tool_calls")], USAGE)["choices"]
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"] == [
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    ]


def test_an_empty_answer_has_empty_words():
    (choice,) = assemble([event(role="assistant", content=""), event(0, "stop")], USAGE)["choices"]
    assert choice["message"]["content"] == ""


def test_logprobs_are_joined():
    events = [event(logprobs={"content": [n], "refusal": None}, content=str(n)) for n in (1, 2)]
    (choice,) = assemble(events, USAGE)["choices"]
    assert choice["logprobs"] == {"content": [1, 2], "refusal": None}


def test_completions_keep_their_text_and_lists():
    head = HEAD | {"object": "text_completion"}
    pieces = [
        {"index": 0, "text": text, "logprobs": {"tokens": [text], "text_offset": [at]}, "finish_reason": reason}
        for at, (text, reason) in enumerate([("a", None), ("b", "stop")])
    ]
    (choice,) = assemble([head | {"choices": [piece]} for piece in pieces], USAGE)["choices"]
    assert choice["text"] == "ab"
    assert choice["logprobs"] == {"tokens": ["a", "b"], "text_offset": [0, 1]}
    assert choice["finish_reason"] == "stop"
