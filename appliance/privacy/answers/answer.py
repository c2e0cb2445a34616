"""Answers of engines, edited and with the values put back: whole ones, and streams event by event."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from appliance.privacy.answers.told import STOPPED, TEXTS, Event, Told
from appliance.privacy.answers.utterance import Utterance

END = b"\n\n"
PREFIX = b"data: "

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

    def __init__(self, told: Told, choices: int = 1) -> None:
        """`choices`: how many answers were asked for."""
        self._told = told
        self._choices = choices
        self._utterances: dict[Place, Utterance] = {}
        self._finished: set[int] = set()
        self._stopped: set[int] = set()
        self._last: Event = {}

    @property
    def is_over(self) -> bool:
        """Editors stopped what the engine may still be saying."""
        return bool(self._stopped) and len(self._stopped | self._finished) >= self._choices

    def feed(self, raw: bytes) -> bytes:
        if self._told.as_it_is:
            return raw
        events = [self._event(event) for event in raw.split(END) if event]
        return b"".join([event + END for event in events if event])

    def end(self) -> bytes:
        """What is still held when a stream ended before its answer did."""
        choices = [self._rest(index) for index in sorted({place[0] for place in self._utterances} - self._stopped)]
        choices = [choice for choice in choices if choice]
        if not choices:
            return b""
        return PREFIX + msgspec.json.encode({**self._last, "choices": choices}) + END

    def _event(self, event: bytes) -> bytes:
        if not event.startswith(PREFIX + b"{"):
            return event if _is_silent(event) else self._told.unreadable(event)
        payload = event[len(PREFIX) :]
        try:
            chunk = _chunk.decode(payload)
        except msgspec.DecodeError:
            return self._told.unreadable(event)
        before = self._stopped.copy()
        changed = [self._feed(choice) for choice in chunk.choices]
        if not any(changed) and not self._stopped and not self._told.editors:
            return event
        whole: Event = msgspec.json.decode(payload)
        for choice, edits in zip(whole["choices"], changed, strict=True):
            self._told.clear(choice)
            self._apply(choice, edits)
        whole["choices"] = [choice for choice in whole["choices"] if choice.get("index", 0) not in before]
        self._last = {name: value for name, value in whole.items() if name != "usage"}
        return PREFIX + msgspec.json.encode(whole) if whole["choices"] or "usage" in whole else b""

    def _feed(self, choice: _Choice) -> dict[Place, str]:
        """The texts of a choice that are not what they were."""
        index = choice.index
        if index in self._stopped:
            return {}
        texts = dict(self._heard(choice))
        if index in self._stopped:
            # A call that nobody sees to its end must not be made.
            return {place: text for place, text in texts.items() if place[1] in (*TEXTS, "text")}
        if choice.finish_reason is not None:
            self._finished.add(index)
        if choice.logprobs is not None:
            texts[index, "logprobs", 0] = ""
        return texts

    def _heard(self, choice: _Choice) -> Iterator[tuple[Place, str]]:
        """Every text that is told otherwise than it came; up to the one that is stopped."""
        spoken = dict(_spoken(choice))
        for place, utterance in list(self._utterances.items()):
            # A text that is followed by another has said all; calls may take turns.
            over = spoken and place not in spoken and place[1] in TEXTS
            if place[0] == choice.index and (over or (choice.finish_reason is not None and place not in spoken)):
                if rest := utterance.end():
                    yield place, rest
                if self._stops(place, utterance):
                    return
        for place, text in spoken.items():
            utterance = self._utterance(place)
            told = utterance.feed(text)
            if choice.finish_reason is not None or utterance.stopped:
                told += utterance.end()
            if told != text or utterance.stopped:
                yield place, told
            if self._stops(place, utterance):
                return

    def _stops(self, place: Place, utterance: Utterance) -> bool:
        if utterance.stopped:
            self._stopped.add(place[0])
            self._told.stopped = True
        return utterance.stopped

    def _utterance(self, place: Place) -> Utterance:
        known = self._utterances.get(place)
        if known is None:
            known = self._utterances[place] = self._told.utterance(place[1])
        return known

    def _apply(self, choice: Event, texts: dict[Place, str]) -> None:
        """The texts in place of those of a choice; nothing else of one that is stopped."""
        if choice.get("index", 0) in self._stopped:
            choice["finish_reason"] = STOPPED
            choice["text" if "text" in choice else "delta"] = "" if "text" in choice else {}
            choice.pop("logprobs", None)
        _apply(choice, texts)

    def _rest(self, index: int) -> Event:
        """A choice with what is held of it; nothing, if that is nothing."""
        rest = {}
        for place, utterance in self._utterances.items():
            if place[0] != index:
                continue
            if text := utterance.end():
                rest[place] = text
            if self._stops(place, utterance):
                break
        if not rest and index not in self._stopped:
            return {}
        choice: Event = {"index": index, "finish_reason": None}
        if self._last.get("object") == "text_completion":
            choice["text"] = ""
        self._apply(choice, rest)
        return choice


def restored(told: Told, raw: bytes) -> bytes:
    """A whole answer: the JSON body of a chat or of a completion."""
    if told.as_it_is:
        return raw
    try:
        answer = msgspec.json.decode(raw, type=Event)
    except msgspec.DecodeError:
        return told.unreadable(raw)
    if "choices" not in answer:
        return raw
    for choice in answer["choices"]:
        told.clear(choice)
        if not _tell(told, choice):
            choice["finish_reason"] = STOPPED
            told.stopped = True
    # vLLM's, and they hold what was asked.
    answer.pop("prompt_logprobs", None)
    return msgspec.json.encode(answer)


def _tell(told: Told, choice: Event) -> bool:
    """Whether all of it could be told; if not, nothing is left behind the place where it was stopped."""
    message = choice.get("message") or {}
    functions = [call.get("function") for call in message.get("tool_calls") or ()]
    functions = [each for each in (*functions, message.get("function_call")) if each]
    stopped = False
    choice["logprobs"] = None
    for holder, names in (
        (choice, ("text",)),
        (message, TEXTS),
        *((each, ("name", "arguments")) for each in functions),
    ):
        for name in names:
            text = holder.get(name)
            if text is None:
                continue
            if not isinstance(text, str):
                told.unreadable(b"")
                continue
            utterance = told.utterance(name)
            holder[name] = "" if stopped else utterance.whole(text)
            stopped = stopped or utterance.stopped
    if stopped:
        for name in ("tool_calls", "function_call"):
            message.pop(name, None)
    return not stopped


def _is_silent(event: bytes) -> bool:
    """A comment, or the end."""
    return event == PREFIX + b"[DONE]" or (event.startswith(b":") and b"\n" not in event)


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
