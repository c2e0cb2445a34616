"""Answers of engines with the values put back: whole ones, and streams event by event."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from appliance.privacy.placeholder import Placeholders, Reach
from appliance.privacy.restorer import Restorer

END = b"\n\n"
PREFIX = b"data: "
TEXTS = ("content", "reasoning_content", "reasoning", "refusal")

Event = dict[str, Any]
Place = tuple[int, str, int]
"""A choice, a field of it, and the number of a call."""


class _Function(Struct):
    arguments: str | None = None
    name: str | None = None


class _Call(Struct):
    index: int = 0
    function: _Function | None = None


class _Delta(Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None
    function_call: _Function | None = None


class _Choice(Struct):
    index: int = 0
    delta: _Delta | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: Any = None


class _Chunk(Struct):
    choices: list[_Choice] = field(default_factory=list)


_chunk = msgspec.json.Decoder(_Chunk)


class StreamRestorer:
    """Takes whole server-sent events and gives them back; one in which nothing changes stays the bytes it was."""

    def __init__(self, placeholders: Placeholders, *, in_json: bool = False) -> None:
        """`in_json`: the answer was asked for as JSON."""
        self._placeholders = placeholders
        self._in_json = in_json
        self._restorers: dict[Place, Restorer] = {}
        self._last: Event = {}

    def feed(self, raw: bytes) -> bytes:
        if not len(self._placeholders):
            return raw
        return b"".join([self._event(event) + END for event in raw.split(END) if event])

    def end(self) -> bytes:
        """What is still held when a stream ended before its answer did."""
        held = {place[0] for place, restorer in self._restorers.items() if restorer.holds}
        choices = [self._rest(index) for index in sorted(held)]
        if not choices:
            return b""
        return PREFIX + msgspec.json.encode({**self._last, "choices": choices}) + END

    def _event(self, event: bytes) -> bytes:
        if not event.startswith(PREFIX + b"{"):
            return event
        payload = event[len(PREFIX) :]
        try:
            chunk = _chunk.decode(payload)
        except msgspec.DecodeError:
            return event  # of another form than text has: placeholders in it stay
        changed = [self._feed(choice) for choice in chunk.choices]
        if not any(changed):
            return event
        whole: Event = msgspec.json.decode(payload)
        for choice, edits in zip(whole["choices"], changed, strict=True):
            _apply(choice, edits)
        self._last = {name: value for name, value in whole.items() if name != "usage"}
        return PREFIX + msgspec.json.encode(whole)

    def _feed(self, choice: _Choice) -> dict[Place, str]:
        """The texts of a choice that are not what they were."""
        spoken = dict(_spoken(choice))
        texts = {}
        for place, text in spoken.items():
            restorer = self._restorer(place)
            restored = restorer.feed(text)
            if restored != text:
                texts[place] = restored
        for place, restorer in self._restorers.items():
            # A text that is followed by another has said all; calls may take turns.
            over = choice.finish_reason is not None or (spoken and place not in spoken and place[1] in TEXTS)
            if restorer.holds and over and place[0] == choice.index:
                texts[place] = texts.get(place, "") + restorer.end()
        if choice.logprobs is not None:
            texts[choice.index, "logprobs", 0] = ""
        return texts

    def _restorer(self, place: Place) -> Restorer:
        known = self._restorers.get(place)
        if known is None:
            known = self._restorers[place] = _restorer(self._placeholders, place[1], self._in_json)
        return known

    def _rest(self, index: int) -> Event:
        choice: Event = {"index": index, "finish_reason": None}
        if self._last.get("object") == "text_completion":
            choice["text"] = ""
        else:
            choice["delta"] = {}
        rest = {place: each.end() for place, each in self._restorers.items() if place[0] == index and each.holds}
        _apply(choice, rest)
        return choice


def restored(placeholders: Placeholders, raw: bytes, *, in_json: bool = False) -> bytes:
    """A whole answer: the JSON body of a chat or of a completion."""
    if not len(placeholders):
        return raw
    try:
        answer = msgspec.json.decode(raw, type=Event)
    except msgspec.DecodeError:
        return raw
    if "choices" not in answer:
        return raw
    for choice in answer["choices"]:
        choice["logprobs"] = None
        message = choice.get("message") or {}
        for holder, names in ((choice, ("text",)), (message, TEXTS)):
            for name in names:
                _restore(holder, name, _restorer(placeholders, name, in_json))
        functions = [call.get("function") for call in message.get("tool_calls") or ()]
        for function in filter(None, [*functions, message.get("function_call")]):
            for name in ("arguments", "name"):
                _restore(function, name, _restorer(placeholders, name, in_json))
    # vLLM's, and they hold what was asked.
    answer.pop("prompt_logprobs", None)
    return msgspec.json.encode(answer)


def _restore(holder: Event, name: str, restorer: Restorer) -> None:
    if isinstance(holder.get(name), str):
        holder[name] = restorer.whole(holder[name])


def _restorer(placeholders: Placeholders, name: str, in_json: bool) -> Restorer:
    reach = Reach.CALLS if name in ("arguments", "name") else Reach.ANYWHERE
    return Restorer(placeholders, reach, in_json=name == "arguments" or (in_json and name in ("content", "text")))


def _spoken(choice: _Choice) -> Iterator[tuple[Place, str]]:
    if choice.text:
        yield (choice.index, "text", 0), choice.text
    delta = choice.delta
    if delta is None:
        return
    for name in TEXTS:
        if text := getattr(delta, name):
            yield (choice.index, name, 0), text
    functions = [(call.index, call.function) for call in delta.tool_calls or ()]
    for index, function in (*functions, (-1, delta.function_call)):
        if function is not None:
            if function.name:
                yield (choice.index, "name", index), function.name
            if function.arguments:
                yield (choice.index, "arguments", index), function.arguments


def _apply(choice: Event, texts: dict[Place, str]) -> None:
    for (_, name, call), text in texts.items():
        if name == "logprobs":
            choice["logprobs"] = None
        elif name == "text":
            choice["text"] = text
        elif name in TEXTS:
            choice.setdefault("delta", {})[name] = text
        else:
            _function(choice.setdefault("delta", {}), call)[name] = text


def _function(delta: Event, index: int) -> Event:
    """The function of a call in a delta, made where there is none."""
    if index < 0:
        return delta.setdefault("function_call", {})  # type: ignore[no-any-return]
    calls: list[Event] = delta.get("tool_calls") or []
    delta["tool_calls"] = calls
    for call in calls:
        if call.get("index", 0) == index:
            return call.setdefault("function", {})  # type: ignore[no-any-return]
    calls.append({"index": index, "function": {}})
    return calls[-1]["function"]  # type: ignore[no-any-return]
