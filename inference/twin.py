"""An engine in memory: it plays a script, so that everything around an engine can be tried without one."""

import asyncio
import hashlib
import struct
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from appliance.errors import EngineUnavailable, RingfenceError
from appliance.settings import Place
from inference import sse
from inference.messages import Call, Chunk, Delta, Health, ServedModel, Usage
from inference.render import Envelope

DIMENSIONS = 8
CREATED = 1_700_000_000


class Pause(Struct, frozen=True):
    seconds: float


class Fault(Struct, frozen=True):
    error: RingfenceError


Step = Delta | Pause | Fault
Script = Callable[[dict[str, Any]], Sequence[Step]]


def echo(body: dict[str, Any]) -> Sequence[Step]:
    """Says the last text back, word by word."""
    said = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
    words = str(said).split() or [""]
    return [
        *(Delta(content=word if i == 0 else f" {word}") for i, word in enumerate(words)),
        Delta(finish_reason="stop"),
    ]


class Twin:
    """`calls` holds what it was asked; `running` how many answers are open."""

    def __init__(
        self,
        name: str = "twin",
        models: Sequence[str] = ("twin",),
        script: Script = echo,
        *,
        place: Place = "on_site",
    ) -> None:
        self.name = self.group = name
        self.place = place
        self.calls: list[Call] = []
        self.running = 0
        self.down: str | None = None
        self._models = tuple(models)
        self._script = script

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        body = self._take(call)
        envelope = Envelope(f"chatcmpl-{len(self.calls)}", CREATED, call.model, call.task)
        self.running += 1
        try:
            deltas: list[Delta] = []
            async for delta in _play(self._script(body)):
                if call.stream:
                    yield Chunk(sse.frame(envelope.chunk(delta, first=not deltas)))
                deltas.append(delta)
            usage = Usage(_words(call.body), len(deltas))
            if call.stream:
                yield Chunk(sse.frame(envelope.usage(usage)), usage)
            else:
                yield Chunk(envelope.answer(deltas, usage), usage)
        finally:
            self.running -= 1

    async def embed(self, call: Call) -> Chunk:
        body = self._take(call)
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        encode = _as_base64 if body.get("encoding_format") == "base64" else list
        data = [
            {"object": "embedding", "index": i, "embedding": encode(_vector(str(text)))} for i, text in enumerate(texts)
        ]
        usage = Usage(sum(_words(str(text).encode()) for text in texts), 0)
        fields = {"prompt_tokens": usage.prompt_tokens, "total_tokens": usage.prompt_tokens}
        return Chunk(msgspec.json.encode({"object": "list", "data": data, "model": call.model, "usage": fields}), usage)

    async def tokenize(self, call: Call) -> Chunk:
        text = self._take(call).get("prompt") or ""
        tokens = list(text.encode())
        return Chunk(msgspec.json.encode({"count": len(tokens), "max_model_len": 8192, "tokens": tokens}))

    async def detokenize(self, call: Call) -> Chunk:
        tokens = self._take(call)["tokens"]
        return Chunk(msgspec.json.encode({"prompt": bytes(token % 256 for token in tokens).decode(errors="replace")}))

    async def models(self) -> tuple[ServedModel, ...]:
        tasks = ("chat", "completions", "embeddings", "tokenize", "detokenize")
        return tuple(ServedModel(name, CREATED, context=8192, tasks=tasks) for name in self._models)  # type: ignore[arg-type]

    async def health(self) -> Health:
        return Health(self.down is None, self.down or "", running=self.running)

    async def close(self) -> None:
        self.down = "it is closed"

    def _take(self, call: Call) -> dict[str, Any]:
        if self.down is not None:
            raise EngineUnavailable(f"{self.name}: {self.down}. Try again.")
        self.calls.append(call)
        body: dict[str, Any] = msgspec.json.decode(call.body)
        return body


async def _play(steps: Sequence[Step]) -> AsyncGenerator[Delta, None]:
    for step in steps:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
        elif isinstance(step, Fault):
            raise step.error
        else:
            yield step


def _words(text: bytes) -> int:
    return len(text.split())


def _vector(text: str) -> tuple[float, ...]:
    digest = hashlib.sha256(text.encode()).digest()
    return tuple(byte / 255 for byte in digest[:DIMENSIONS])


def _as_base64(vector: tuple[float, ...]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
