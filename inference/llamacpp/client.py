"""The client side of a llama.cpp child: any number of processes speak to the one child over its socket."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from appliance.errors import EngineFailed, EngineUnavailable, InvalidRequest, NotFound, RingfenceError
from appliance.settings import EngineSettings, Place
from inference import sse
from inference.llamacpp.assembly import assemble
from inference.llamacpp.embeddings import checked_inputs, embedding_usage, too_long
from inference.llamacpp.launch import served_names
from inference.llamacpp.merging import merge
from inference.llamacpp.wire import Answer, Capabilities, Event, Upstream, decode, plan, refusal
from inference.local import engine_key, secret_file, socket_path
from inference.messages import Call, Chunk, Health, ServedModel, Task
from inference.progress import Progress
from inference.render import usage_fields
from inference.wire import Address, Bounds, Pool, Response

PATHS = {"chat": "/v1/chat/completions", "completions": "/v1/completions"}
METRIC = re.compile(r"^llamacpp:(\w+) ([0-9.e+]+)$", re.MULTILINE)


class LlamaCpp:
    def __init__(self, settings: EngineSettings, var: Path) -> None:
        self.name = self.group = settings.name
        self.place: Place = "on_site"
        self._settings = settings
        self._names = served_names(settings)
        self._created = int(time.time())
        self._capabilities: Capabilities | None = None
        self._progress = Progress(settings.stuck_seconds)
        self._pool = Pool(
            Address("engine", socket=str(socket_path(settings.name, var))),
            Bounds(settings.connections, settings.connect_seconds, settings.silence_seconds),
            settings.name,
            {"authorization": f"Bearer {engine_key(secret_file(var), settings.name)}"},
        )

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        self._check(call, embeds=False)
        upstreams = plan(call, await self._template() if call.task == "chat" else Capabilities())
        answer = Answer(call, upstreams)
        events: list[Event] = []
        async with aclosing(merge([self._events(call, one) for one in upstreams])) as received:
            async for upstream, event in received:
                translated = answer.translate(event, upstream)
                if not call.stream:
                    events += translated
                elif translated:
                    yield Chunk(b"".join(sse.frame(msgspec.json.encode(one)) for one in translated))
        usage = answer.usage
        if call.stream:
            yield Chunk(sse.frame(msgspec.json.encode(answer.usage_event())), usage)
        else:
            yield Chunk(msgspec.json.encode(assemble(events, usage_fields(usage))), usage)

    async def embed(self, call: Call) -> Chunk:
        self._check(call, embeds=True)
        body = decode(call.body)
        inputs = checked_inputs(body)
        wanted = body.get("dimensions")
        if wanted is not None and wanted != (size := (await self._meta()).n_embd):
            raise InvalidRequest(f"dimensions must be {size} for this model. Leave it out.", param="dimensions")
        asked = {"model": call.model, "input": inputs, "encoding_format": body.get("encoding_format") or "float"}
        try:
            raw = await self._post("/v1/embeddings", asked)
        except EngineFailed:
            await self._explain_length(inputs)
            raise
        return Chunk(raw, embedding_usage(raw))

    async def tokenize(self, call: Call) -> Chunk:
        body = decode(call.body)
        prompt, special = body.get("prompt"), body.get("add_special_tokens", True)
        if body.get("messages") is not None:
            applied = await self._post("/apply-template", {"messages": body["messages"]})
            prompt, special = msgspec.json.decode(applied)["prompt"], False
        if not isinstance(prompt, str):
            raise InvalidRequest("prompt must be a text. Send `prompt` or `messages`.", param="prompt")
        pieces = await self._pieces(prompt, special)
        told = {
            "count": len(pieces),
            "max_model_len": (await self._meta()).n_ctx,
            "tokens": [piece["id"] for piece in pieces],
            "token_strs": [piece["piece"] for piece in pieces] if body.get("return_token_strs") else None,
        }
        return Chunk(msgspec.json.encode(told))

    async def detokenize(self, call: Call) -> Chunk:
        tokens = decode(call.body).get("tokens")
        if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
            raise InvalidRequest("tokens must be a list of integers. Send what /tokenize gave.", param="tokens")
        content = msgspec.json.decode(await self._post("/detokenize", {"tokens": tokens}))["content"]
        return Chunk(msgspec.json.encode({"prompt": content}))

    async def models(self) -> tuple[ServedModel, ...]:
        context = (await self._meta()).n_ctx
        does: tuple[Task, ...] = ("embeddings",) if self._settings.embeds else ("chat", "completions")
        tasks: tuple[Task, ...] = (*does, "tokenize", "detokenize")
        return tuple(ServedModel(name, self._created, context=context, tasks=tasks) for name in self._names)

    async def health(self) -> Health:
        """Ready when work moves on, and when after a quiet minute something can be produced."""
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                found = METRIC.findall((await self._get("/metrics")).decode())
            metrics = {name: float(value) for name, value in found}
            running, waiting = int(metrics["requests_processing"]), int(metrics["requests_deferred"])
            if not self._progress.observe(time.monotonic(), running, metrics["n_decode_total"]):
                return Health(False, f"{running} requests run and no token came", running, waiting, hung=True)
            if not running and not self._progress.proven(time.monotonic()):
                async with asyncio.timeout(self._settings.stuck_seconds):
                    await self._produce_something()
                self._progress.prove(time.monotonic())
            return Health(True, running=running, waiting=waiting)
        except RingfenceError as error:
            return Health(False, error.message)
        except TimeoutError:
            return Health(False, "it does not answer in time")

    async def close(self) -> None:
        self._pool.close()

    def _check(self, call: Call, *, embeds: bool) -> None:
        if call.model not in self._names:
            raise NotFound(f"Engine {self.name!r} has no model {call.model!r}. See /v1/models.", param="model")
        if embeds != self._settings.embeds:
            does = "makes embeddings and no text" if self._settings.embeds else "makes text and no embeddings"
            raise InvalidRequest(f"{call.model} {does}. Choose another model.", param="model")

    async def _produce_something(self) -> None:
        if self._settings.embeds:
            await self._post("/v1/embeddings", {"input": "a"})
        else:
            await self._post("/completion", {"prompt": "a", "n_predict": 1, "cache_prompt": False})

    async def _events(self, call: Call, upstream: Upstream) -> AsyncGenerator[tuple[Upstream, Event], None]:
        """What llama.cpp sends for one choice. Closing this hangs up, and that frees the slot."""
        splitter = sse.Splitter()
        async with self._ask("POST", PATHS[call.task], upstream.body, call.request_id) as response:
            while data := await response.some():
                for payload in sse.payloads(splitter.feed(data)):
                    if payload == b"[DONE]":
                        return
                    yield upstream, msgspec.json.decode(payload)
        raise EngineFailed(f"{self.name} ended its answer early. Try again.")

    async def _template(self) -> Capabilities:
        if self._capabilities is None:
            told = msgspec.json.decode(await self._get("/props")).get("chat_template_caps", {})
            self._capabilities = Capabilities(
                tools=told.get("supports_tools", False), system_role=told.get("supports_system_role", True)
            )
        return self._capabilities

    async def _meta(self) -> "_Meta":
        return msgspec.json.decode(await self._get("/v1/models"), type=_ModelList).data[0].meta

    async def _pieces(self, text: str, special: bool) -> list[dict[str, Any]]:
        asked = {"content": text, "add_special": special, "with_pieces": True}
        pieces: list[dict[str, Any]] = msgspec.json.decode(await self._post("/tokenize", asked))["tokens"]
        return pieces

    async def _explain_length(self, inputs: list[Any]) -> None:
        """llama.cpp calls a text that is too long a server error; by counting we know whose error it is."""
        context = (await self._meta()).n_ctx
        for place, one in enumerate(inputs):
            count = len(one) if isinstance(one, list) else len(await self._pieces(one, True))
            if count > context:
                raise too_long(place, count, context)

    async def _get(self, path: str) -> bytes:
        async with self._ask("GET", path) as response:
            return await response.whole()

    async def _post(self, path: str, body: dict[str, Any]) -> bytes:
        async with self._ask("POST", path, msgspec.json.encode(body)) as response:
            return await response.whole()

    @asynccontextmanager
    async def _ask(self, method: str, path: str, body: bytes = b"", request_id: str = "") -> AsyncIterator[Response]:
        async with self._pool.request(method, path, body, request_id) as response:
            if response.status == 503:
                raise EngineUnavailable(f"{self.name} still loads its model. Try again shortly.")
            if response.status != 200:
                raise refusal(await response.whole())
            yield response


class _Meta(Struct):
    n_ctx: int
    n_embd: int


class _Model(Struct):
    meta: _Meta


class _ModelList(Struct):
    data: list[_Model]
