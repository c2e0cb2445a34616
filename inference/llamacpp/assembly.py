"""Puts the chunks of a streamed answer together as the whole answer. Pure."""

from typing import Any

Event = dict[str, Any]


def assemble(events: list[Event], usage: dict[str, int]) -> Event:
    head = {key: events[0][key] for key in ("id", "object", "created", "model")}
    head["object"] = head["object"].removesuffix(".chunk")
    choices: dict[int, Event] = {}
    for event in events:
        for piece in event["choices"]:
            choice = choices.setdefault(piece["index"], _empty(piece))
            _add(choice, piece)
    for choice in choices.values():
        message = choice.get("message")
        if message and "tool_calls" not in message and message["content"] is None:
            message["content"] = ""
    return head | {"choices": [choices[index] for index in sorted(choices)], "usage": usage}


def _empty(piece: Event) -> Event:
    choice = {"index": piece["index"], "logprobs": None, "finish_reason": None}
    if "delta" in piece:
        return choice | {"message": {"role": "assistant", "content": None, "refusal": None}}
    return choice | {"text": ""}


def _add(choice: Event, piece: Event) -> None:
    if "delta" in piece:
        _add_delta(choice["message"], piece["delta"])
    else:
        choice["text"] += piece["text"]
    if piece["logprobs"]:
        _add_lists(choice, piece["logprobs"])
    choice["finish_reason"] = piece["finish_reason"] or choice["finish_reason"]


def _add_delta(message: Event, delta: Event) -> None:
    for key in ("content", "reasoning_content"):
        if delta.get(key):
            message[key] = (message.get(key) or "") + delta[key]
    for call in delta.get("tool_calls") or ():
        calls = message.setdefault("tool_calls", [])
        if call["index"] == len(calls):
            calls.append({"id": call["id"], "type": "function", "function": {"name": "", "arguments": ""}})
        function = calls[call["index"]]["function"]
        for key, value in call["function"].items():
            function[key] += value


def _add_lists(choice: Event, logprobs: Event) -> None:
    have = choice["logprobs"]
    if have is None:
        choice["logprobs"] = {key: list(value) if value is not None else None for key, value in logprobs.items()}
        return
    for key, value in logprobs.items():
        if value is not None:
            have[key] += value
