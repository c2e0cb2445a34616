"""OpenAI's wire format to llama.cpp's and back. Pure.

Upstream every text request is one stream with one choice: llama.cpp then notices at once when we hang up, and
counts the tokens of each choice (with `n` it counts the first only).
"""

import secrets
import time
from typing import Any

import msgspec
from msgspec import Struct

from appliance.errors import EngineFailed, InvalidRequest, RingfenceError
from inference.llamacpp.toolgrammar import Body, CallReader, constrain
from inference.messages import Call, Usage
from inference.render import usage_fields

MOST_CHOICES = 128
REFUSED = {
    "chat": ("functions", "function_call", "audio", "prediction", "web_search_options"),
    "completions": ("echo", "suffix", "best_of"),
}
OURS = ("model", "n", "stream", "stream_options", "max_completion_tokens", "id_slot", "seed")

Event = dict[str, Any]


class Capabilities(Struct, frozen=True):
    """What the chat template of the loaded model can do by itself."""

    tools: bool = False
    system_role: bool = True


class Upstream(Struct, frozen=True):
    """One choice of the answer."""

    body: bytes
    index: int
    prompt: int
    reads_calls: bool = False


def plan(call: Call, capabilities: Capabilities) -> tuple[Upstream, ...]:
    """What to ask llama.cpp for one call of ours."""
    body = decode(call.body)
    for name in REFUSED[call.task]:
        if body.get(name):
            raise InvalidRequest(f"{name} is not supported by this model's engine. Leave it out.", param=name)
    reads_calls = False
    if call.task == "completions":
        prompts = [body | {"prompt": prompt} for prompt in _prompts(body.get("prompt"))]
    else:
        body["messages"] = [_message(message) for message in body["messages"]]
        # Even where the template knows tools, llama.cpp does not always hold a model to a choice that must be made.
        if not (capabilities.tools and body.get("tool_choice") in (None, "auto")):
            body, reads_calls = constrain(body, system_role=capabilities.system_role)
        prompts = [body]
    wanted = body.get("n") or 1
    if wanted * len(prompts) > MOST_CHOICES:
        raise InvalidRequest(f"n times the prompts is more than {MOST_CHOICES}. Ask for fewer.", param="n")
    return tuple(
        Upstream(_encode(one, call, choice), number * wanted + choice, number, reads_calls)
        for number, one in enumerate(prompts)
        for choice in range(wanted)
    )


def decode(body: bytes) -> Body:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"The body is not a JSON object: {error}. Send one.") from error


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """Templates know neither the developer's role nor parts of a text."""
    content = message.get("content")
    if isinstance(content, list):
        if any(part.get("type") != "text" for part in content):
            raise InvalidRequest("messages: this model reads text only. Leave out other parts.", param="messages")
        content = "".join(part.get("text", "") for part in content)
    role = "system" if message.get("role") == "developer" else message.get("role")
    return message | {"role": role, "content": content or ""}


def _prompts(prompt: Any) -> list[Any]:
    """OpenAI takes a text, a list of texts, the tokens of one prompt or of several."""
    several = isinstance(prompt, list) and prompt and not isinstance(prompt[0], int)
    if prompt is None or prompt == []:
        raise InvalidRequest("prompt is missing. Send a text or a list of texts.", param="prompt")
    return list(prompt) if several else [prompt]


def _encode(body: Body, call: Call, choice: int) -> bytes:
    asked = {key: value for key, value in body.items() if key not in OURS and value is not None}
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    if limit is not None:
        asked["max_tokens"] = limit
    if body.get("seed") is not None:
        asked["seed"] = (body["seed"] + choice) % (1 << 32)
    if call.task == "chat" and body.get("logprobs"):
        asked["top_logprobs"] = body.get("top_logprobs") or 1
    if call.task == "completions" and body.get("logprobs") is not None:
        asked["logprobs"] = body["logprobs"] or 1
    asked["stream"] = True
    asked["stream_options"] = {"include_usage": True}
    # With progress reports llama.cpp writes during the prompt too, and so notices there that we hung up.
    asked["return_progress"] = True
    # llama.cpp cannot keep a prefix cache for each tenant: whoever may not share has none.
    asked["cache_prompt"] = call.salt is None
    return msgspec.json.encode(asked)


class Answer:
    """Turns the events of all choices of one answer into OpenAI's."""

    def __init__(self, call: Call, upstreams: tuple[Upstream, ...]) -> None:
        chat = call.task == "chat"
        self._head = {
            "id": f"{'chatcmpl' if chat else 'cmpl'}-{secrets.token_hex(12)}",
            "object": "chat.completion.chunk" if chat else "text_completion",
            "created": int(time.time()),
            "model": call.model,
        }
        self._chat = chat
        self._logprobs = decode(call.body).get("top_logprobs" if chat else "logprobs") or 0
        self._readers = {one.index: CallReader() for one in upstreams if one.reads_calls}
        self._begun: set[int] = set()
        self._letters: dict[int, int] = {}
        self._prompt_tokens: dict[int, int] = {}
        self._completion_tokens = 0

    def translate(self, event: Event, upstream: Upstream) -> list[Event]:
        """The events for the caller that one event of llama.cpp's becomes."""
        if "error" in event:
            raise failure(event["error"])
        self._count(event, upstream)
        if "prompt_progress" in event:
            return []
        return [
            self._head | {"choices": [choice | {"index": upstream.index}]}
            for choice in event.get("choices", ())
            for choice in self._choices(choice, upstream.index)
        ]

    @property
    def usage(self) -> Usage:
        return Usage(sum(self._prompt_tokens.values()), self._completion_tokens)

    def usage_event(self) -> Event:
        return self._head | {"choices": [], "usage": usage_fields(self.usage)}

    def _count(self, event: Event, upstream: Upstream) -> None:
        counted = event.get("usage")
        if counted:
            self._prompt_tokens[upstream.prompt] = counted["prompt_tokens"]
            self._completion_tokens += counted["completion_tokens"]

    def _choices(self, choice: Event, index: int) -> list[Event]:
        if not self._chat:
            return [self._completion(choice, index)]
        delta, reason = choice["delta"], choice.get("finish_reason")
        reader = self._readers.get(index)
        deltas = reader.feed(delta.get("content") or "") if reader else [delta]
        deltas = [one for one in deltas if one and one != {"role": "assistant", "content": None}]
        if reader and reason:
            reason = reader.finish(reason)
        choices = [{"delta": one, "logprobs": self._logprobs_of(choice), "finish_reason": None} for one in deltas]
        if reason:
            choices.append({"delta": {}, "logprobs": None, "finish_reason": reason})
        if choices and index not in self._begun:
            self._begun.add(index)
            role = {"role": "assistant", "content": ""}
            choices.insert(0, {"delta": role, "logprobs": None, "finish_reason": None})
        return choices

    def _logprobs_of(self, choice: Event) -> Event | None:
        logprobs = choice.get("logprobs")
        if not logprobs:
            return None
        return {"content": [self._logprob(entry) for entry in logprobs["content"]], "refusal": None}

    def _logprob(self, entry: Event) -> Event:
        top = entry["top_logprobs"][: self._logprobs]
        return _bare(entry) | {"top_logprobs": [_bare(other) for other in top]}

    def _completion(self, choice: Event, index: int) -> Event:
        """llama.cpp gives completions the logprobs of chat; OpenAI has an older form for them."""
        logprobs = choice.get("logprobs")
        entries = logprobs["content"] if logprobs else []
        offset = self._letters.get(index, 0)
        self._letters[index] = offset + len(choice["text"])
        offsets = []
        for entry in entries:
            offsets.append(offset)
            offset += len(entry["token"])
        older = {
            "tokens": [entry["token"] for entry in entries],
            "token_logprobs": [entry["logprob"] for entry in entries],
            "top_logprobs": [
                {other["token"]: other["logprob"] for other in entry["top_logprobs"][: self._logprobs]}
                for entry in entries
            ],
            "text_offset": offsets,
        }
        return {
            "text": choice["text"],
            "logprobs": older if entries else None,
            "finish_reason": choice.get("finish_reason"),
        }


def _bare(entry: Event) -> Event:
    return {key: entry[key] for key in ("token", "logprob", "bytes")}


def refusal(body: bytes) -> RingfenceError:
    """An answer that is not 200."""
    try:
        return failure(msgspec.json.decode(body, type=_Refusal).error)
    except msgspec.DecodeError:
        return failure(None)


class _Refusal(Struct):
    error: Any


def failure(error: Any) -> RingfenceError:
    """llama.cpp's error object as ours."""
    told = error if isinstance(error, dict) else {}
    message = str(told.get("message") or "it gave no reason").rstrip(".")
    if told.get("type") == "exceed_context_size_error":
        return InvalidRequest(
            f"The prompt has {told.get('n_prompt_tokens')} tokens and the model's context {told.get('n_ctx')}. "
            "Shorten it.",
            param="messages",
            code="context_length_exceeded",
        )
    if told.get("code") == 400:
        return InvalidRequest(f"The engine refused the request: {message}. Change it accordingly.")
    return EngineFailed(f"The engine broke the request: {message}. Try again, and see the engine's log if it stays.")
