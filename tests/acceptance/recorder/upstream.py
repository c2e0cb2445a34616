"""An engine of vLLM's kind on loopback that keeps every byte it is sent, and says parts of it again in many ways.

What it does is chosen by the model, whose name passes a gateway as it is.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from tests.integration.inference.scripted_server import END, STREAM, chunk, plain, serving

PLACEHOLDER = re.compile(r"<([A-Z][A-Z0-9_]*_[0-9A-F]{6,16})>")
GAUGES = b"vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n"
PIECE = 5
LATER = 0.5
"""So that what was sent before has been passed on."""
SOME_VECTOR = [0.25, -0.5]

# How a model may spell a placeholder that it was given.
SPELLINGS: dict[str, Callable[[re.Match[str]], str]] = {
    "lower": lambda found: found[0].lower(),
    "square": lambda found: f"[{found[1]}]",
    "guillemets": lambda found: f"«{found[1]}»",
    "bare": lambda found: found[1],
    "escaped": lambda found: f"\\<{found[1]}\\>".replace("_", "\\_"),
    "html": lambda found: f"&lt;{found[1]}&gt;",
}
SPEAKERS = ("plain", "letters", "cuts", "several", "logprobs", "thinks", "calls", "whole", "whole-call", *SPELLINGS)
BREAKERS = ("refuses", "fails", "is-busy", "gives-up", "breaks-off", "is-silent", "is-odd", "is-no-json")
CALLERS = ("calls", "whole-call")
WHOLE = ("whole", "whole-call")
EMBEDDER = "embedder"
CLOUD = "cloud"
ENGINES = {"speaker": (*SPEAKERS, *BREAKERS), EMBEDDER: (EMBEDDER,), CLOUD: (CLOUD,)}
UPTIME = "ready?"


class Upstream:
    def __init__(self) -> None:
        self.url = ""
        self.sent: dict[str, list[bytes]] = {}
        """Head and body of each request, under its request id."""

    @property
    def requests(self) -> list[bytes]:
        return [request for requests in self.sent.values() for request in requests]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, body = await _next(reader)
            if not head:
                return
            self.sent.setdefault(_request_id(head), []).append(head + body)
            async for data in _answer(head, body):
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(0)
            if _model(body) in ("gives-up", "is-silent") and b"POST" in head:
                return


@asynccontextmanager
async def recording() -> AsyncIterator[Upstream]:
    made = Upstream()
    async with serving(made.handle) as made.url:
        yield made


async def _next(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b"", b""
    length = re.search(rb"(?im)^content-length: (\d+)", head)
    return head, await reader.readexactly(int(length[1]) if length else 0)


def _request_id(head: bytes) -> str:
    found = re.search(rb"(?im)^x-request-id: (\S+)", head)
    return found[1].decode() if found else ""


def _model(body: bytes) -> str:
    return str(json.loads(body)["model"]) if body else ""


async def _answer(head: bytes, body: bytes) -> AsyncIterator[bytes]:
    path = head.split(b" ", 2)[1].decode()
    if not body:
        names = [{"id": name} for models in ENGINES.values() for name in models]
        yield plain(json.dumps({"data": names}).encode() if path == "/v1/models" else GAUGES)
        return
    asked = json.loads(body)
    if UPTIME in (asked.get("prompt"), asked.get("input")):
        yield plain(_encode(_whole(asked, path)))
    elif asked["model"] in BREAKERS:
        async for data in _broken(asked, path):
            yield data
    elif path == "/v1/embeddings":
        vector = {"object": "embedding", "index": 0, "embedding": SOME_VECTOR}
        yield plain(_encode({"object": "list", "data": [vector], "model": asked["model"]}))
    elif path == "/tokenize":
        yield plain(_encode({"count": 3, "max_model_len": 4096, "tokens": [1, 2, 3]}))
    elif asked.get("stream"):
        yield STREAM
        for event in _events(asked, path):
            yield chunk(b"data: " + _encode(event) + b"\n\n")
        yield chunk(b"data: [DONE]\n\n") + END
    else:
        yield plain(_encode(_whole(asked, path)))


async def _broken(asked: dict[str, Any], path: str) -> AsyncIterator[bytes]:
    """Errors that quote what was asked, as engines' errors do."""
    quoted = _encode({"error": {"message": f"cannot do {_said(asked)[0]}", "param": _said(asked)[0], "code": 400}})
    statuses = {"refuses": "400 Bad Request", "fails": "500 Internal Server Error", "is-busy": "503 Busy"}
    model = asked["model"]
    if model in statuses:
        yield plain(quoted, statuses[model])
    elif model == "is-odd":
        yield plain(_encode({"choices": _said(asked)[0]}))
    elif model == "is-no-json":
        yield plain(_said(asked)[0].encode())
    elif model == "is-silent":
        await asyncio.sleep(30)
    else:
        first = next(_events({**asked, "model": "plain"}, path))
        yield STREAM + chunk(b"data: " + _encode(first) + b"\n\n")
        await asyncio.sleep(LATER)
        if model == "breaks-off":
            yield chunk(b"data: " + quoted + b"\n\n") + END


def _said(asked: dict[str, Any]) -> list[str]:
    """What the model says: the last words of the user, each prompt of a completion, or all that it was sent."""
    if asked["model"] in WHOLE:
        return [json.dumps(asked, ensure_ascii=False)]
    if "messages" not in asked:
        prompts = asked.get("prompt", "")
        texts = [prompts] if isinstance(prompts, str) else prompts
    else:
        content = next(each["content"] for each in reversed(asked["messages"]) if each["role"] == "user")
        texts = [content if isinstance(content, str) else "".join(part["text"] for part in content)]
    if spelt := SPELLINGS.get(asked["model"]):
        texts = [PLACEHOLDER.sub(spelt, text) for text in texts]
    return texts * (asked.get("n") or 1)


def _whole(asked: dict[str, Any], path: str) -> dict[str, Any]:
    choices = []
    for index, text in enumerate(_said(asked)):
        choice: dict[str, Any] = {"index": index, "finish_reason": "stop", "logprobs": _logprobs(asked, text)}
        if path == "/v1/completions":
            choice["text"] = text
        else:
            choice["message"] = {"role": "assistant", **_parts(asked["model"], text)}
        choices.append(choice)
    kind = "text_completion" if path == "/v1/completions" else "chat.completion"
    return {"id": "a", "object": kind, "created": 1, "model": asked["model"], "choices": choices}


def _parts(model: str, text: str) -> dict[str, Any]:
    if model in CALLERS:
        return {"content": None, "tool_calls": [_call(index, _arguments(text)) for index in range(2)]}
    if model == "thinks":
        return {"content": text, "reasoning_content": text}
    return {"content": text}


def _arguments(text: str) -> str:
    return json.dumps({"value": text, "list": [text, {"deep": text}]})


def _call(index: int, arguments: str) -> dict[str, Any]:
    return {"index": index, "id": f"c{index}", "type": "function", "function": {"name": "do", "arguments": arguments}}


def _events(asked: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    """The pieces of all choices in turn, so that each text is broken off by another."""
    kind = "text_completion" if path == "/v1/completions" else "chat.completion.chunk"
    base = {"id": "a", "object": kind, "created": 1, "model": asked["model"]}
    texts = [_pieces(asked["model"], index, text) for index, text in enumerate(_said(asked))]
    if asked["model"] == "thinks":
        for piece in texts[0]:
            yield {**base, "choices": [{"index": 0, "finish_reason": None, "delta": {"reasoning_content": piece}}]}
    for place in range(max(map(len, texts))):
        for index, pieces in enumerate(texts):
            if place < len(pieces):
                for said in _deltas(asked["model"], path, pieces[place], place):
                    choice = {"index": index, "finish_reason": None, "logprobs": _logprobs(asked, pieces[place])}
                    yield {**base, "choices": [{**choice, **said}]}
    for index in range(len(texts)):
        rest = {"text": ""} if path == "/v1/completions" else {"delta": {}}
        yield {**base, "choices": [{"index": index, "finish_reason": "stop", **rest}]}
    yield {**base, "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}}


def _deltas(model: str, path: str, piece: str, place: int) -> Iterator[dict[str, Any]]:
    if path == "/v1/completions":
        yield {"text": piece}
    elif model in CALLERS:
        for index in range(2):
            call = _call(index, piece)
            yield {"delta": {"tool_calls": [call if not place else {"index": index, "function": {"arguments": piece}}]}}
    else:
        yield {"delta": {"content": piece}}


def _pieces(model: str, index: int, text: str) -> list[str]:
    if model in CALLERS:
        text = _arguments(text)
    if model == "cuts":  # the first choice is cut after its first letter, the second after its second, and so on
        return [text[: index + 1], text[index + 1 :]]
    size = 1 if model == "letters" else PIECE
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]


def _logprobs(asked: dict[str, Any], text: str) -> dict[str, Any] | None:
    """Tokens of the answer, and of what might have stood there."""
    if not asked.get("logprobs"):
        return None
    token = {"token": text, "logprob": -0.1, "bytes": list(text.encode())}
    return {"content": [{**token, "top_logprobs": [token]}]}


def _encode(held: Any) -> bytes:
    return json.dumps(held, ensure_ascii=False).encode()
