"""Deltas in OpenAI's wire format, for engines that produce something else."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from inference.messages import Delta, Task, ToolCall, Usage

OBJECTS = {"chat": "chat.completion", "completions": "text_completion"}


class Envelope(Struct, frozen=True):
    """What every chunk of one answer has in common."""

    id: str
    created: int
    model: str
    task: Task = "chat"

    def chunk(self, delta: Delta, *, first: bool = False) -> bytes:
        if self.task == "completions":
            choice: dict[str, Any] = {"index": 0, "text": delta.content or ""}
        else:
            choice = {"index": 0, "delta": _delta(delta, first=first)}
        return self._json(f"{OBJECTS['chat']}.chunk" if self.task == "chat" else OBJECTS[self.task], choice, delta)

    def usage(self, usage: Usage) -> bytes:
        fields = {"object": "chat.completion.chunk", "choices": [], "usage": usage_fields(usage)}
        return msgspec.json.encode({**self._fields(), **fields})

    def answer(self, deltas: Iterable[Delta], usage: Usage) -> bytes:
        """The whole answer in one piece."""
        deltas = list(deltas)
        content = "".join(delta.content for delta in deltas if delta.content)
        calls = _joined([delta.tool_call for delta in deltas if delta.tool_call])
        if self.task == "completions":
            choice: dict[str, Any] = {"index": 0, "text": content}
        else:
            message: dict[str, Any] = {"role": "assistant", "content": content or (None if calls else "")}
            choice = {"index": 0, "message": {**message, "tool_calls": calls} if calls else message}
        last = deltas[-1] if deltas else Delta(finish_reason="stop")
        return self._json(OBJECTS[self.task], choice, last, usage)

    def _json(self, kind: str, choice: dict[str, Any], delta: Delta, usage: Usage | None = None) -> bytes:
        choice = {**choice, "logprobs": None, "finish_reason": delta.finish_reason}
        fields: dict[str, Any] = {**self._fields(), "object": kind, "choices": [choice]}
        return msgspec.json.encode({**fields, "usage": usage_fields(usage)} if usage else fields)

    def _fields(self) -> dict[str, Any]:
        return {"id": self.id, "created": self.created, "model": self.model}


def usage_fields(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


def _delta(delta: Delta, *, first: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": "assistant"} if first else {}
    if delta.content is not None:
        fields["content"] = delta.content
    if delta.tool_call is not None:
        fields["tool_calls"] = [_call(delta.tool_call)]
    return fields


def _call(call: ToolCall) -> dict[str, Any]:
    """The id and the name stand on the first piece of a call only; the index stands on every piece."""
    if not call.id:
        return {"index": call.index, "function": {"arguments": call.arguments}}
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": call.index, "id": call.id, "type": "function", "function": function}


def _joined(pieces: list[ToolCall]) -> list[dict[str, Any]]:
    calls: dict[int, dict[str, Any]] = {}
    for piece in pieces:
        known = calls.setdefault(
            piece.index, {"id": piece.id, "type": "function", "function": {"name": piece.name, "arguments": ""}}
        )
        known["function"]["arguments"] += piece.arguments
    return list(calls.values())
