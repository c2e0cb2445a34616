"""Server-sent events as engines frame them: `data: {json}\\n\\n`, ended by `data: [DONE]\\n\\n`."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from appliance.errors import EngineFailed
from inference.messages import Usage

END = b"\n\n"
PREFIX = b"data: "
USAGE = b'"usage":'  # the colon tells the key from a token that says "usage"
DONE = b"data: [DONE]\n\n"
LARGEST_EVENT = 16 << 20


class Splitter:
    """Cuts a stream of bytes at the ends of events; what is not whole yet waits here."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The whole events that `data` completes, as one piece."""
        if not self._rest and data.endswith(END):
            return data
        data = self._rest + data
        end = data.rfind(END) + len(END)
        if end < len(END):
            end = 0
        self._rest = data[end:]
        if len(self._rest) > LARGEST_EVENT:
            raise EngineFailed("The engine sent an event without an end. Look at the engine's log.")
        return data[:end]

    @property
    def pending(self) -> bool:
        return bool(self._rest)


def payloads(raw: bytes) -> Iterator[bytes]:
    """The JSON of each event in `raw`."""
    for event in raw.split(END):
        if event.startswith(PREFIX):
            yield event[len(PREFIX) :]


def frame(payload: bytes) -> bytes:
    return PREFIX + payload + END


class _Details(Struct):
    cached_tokens: int | None = None


class _Usage(Struct):
    prompt_tokens: int = 0
    completion_tokens: int | None = 0
    prompt_tokens_details: _Details | None = None


class _Answer(Struct):
    usage: _Usage | UnsetType | None = UNSET
    error: Any = UNSET


_answer = msgspec.json.Decoder(_Answer)


def usage_of(payload: bytes) -> Usage | None:
    """The usage that an answer or one of its chunks carries."""
    try:
        answer = _answer.decode(payload)
    except msgspec.DecodeError as error:
        raise EngineFailed("The engine answered with something that is not JSON. Look at its log.") from error
    if isinstance(answer.usage, _Usage):
        return Usage(answer.usage.prompt_tokens, answer.usage.completion_tokens or 0)
    return None


def usage_in(raw: bytes) -> Usage | None:
    """The last usage in a piece of a stream. Text cannot fake the key: quotes inside strings are escaped."""
    if USAGE not in raw:
        return None
    found = [usage for payload in payloads(raw) if USAGE in payload and (usage := usage_of(payload))]
    return found[-1] if found else None


def for_caller(chunk_raw: bytes, has_usage: bool, wants_usage: bool) -> bytes:
    """A piece of a stream as its caller asked for it.

    Who asked for usage gets `"usage":null` on every other chunk, as OpenAI has it; who did not never sees
    the usage that Ringfence itself asks every engine for.
    """
    if wants_usage:
        return b"".join(frame(_with_null_usage(payload)) for payload in payloads(chunk_raw))
    if not has_usage:
        return chunk_raw
    return b"".join(frame(kept) for payload in payloads(chunk_raw) if (kept := _without_usage(payload)))


def _with_null_usage(payload: bytes) -> bytes:
    if USAGE in payload:
        return payload
    return payload[: payload.rindex(b"}")] + b',"usage":null}'


def _without_usage(payload: bytes) -> bytes:
    """Nothing of a chunk that holds only usage."""
    if USAGE not in payload:
        return payload
    chunk = msgspec.json.decode(payload)
    chunk.pop("usage", None)
    return msgspec.json.encode(chunk) if chunk.get("choices") else b""
