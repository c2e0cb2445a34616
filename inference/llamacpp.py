"""The client side of a llama.cpp child: any number of processes speak to the one child over its socket."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from appliance.errors import EngineFailed, EngineUnavailable, InvalidRequest, NotFound
from appliance.settings import EngineSettings
from inference.llamacpp_assembly import assemble
from inference.llamacpp_embeddings import checked_inputs, embedding_usage, too_long
from inference.llamacpp_launch import engine_key, secret_file, served_names, socket_path
from inference.llamacpp_progress import Progress, read_metrics
from inference.llamacpp_wire import Answer, Capabilities, Event, Upstream, decode, failure, plan, usage_body
from inference.merging import merge
from inference.messages import Call, Chunk, Health, ServedModel

LINE_LIMIT = 1 << 20
PATHS = {"chat": "/v1/chat/completions", "completions": "/v1/completions"}


class LlamaCpp:
    def __init__(self, settings: EngineSettings, var: Path) -> None:
        self.name = settings.name
        self._settings = settings
        self._socket = str(socket_path(settings.name, var))
        self._secret = secret_file(var)
        self._names = served_names(settings)
        self._created = int(time.time())
        self._session: aiohttp.ClientSession | None = None
        self._capabilities: Capabilities | None = None
        self._progress = Progress(settings.stuck_seconds)
        self._proven = False

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
                    yield Chunk(b"".join(_sse(one) for one in translated))
        usage = answer.usage
        if call.stream:
            yield Chunk(_sse(answer.usage_event()), usage)
        else:
            yield Chunk(msgspec.json.encode(assemble(events, usage_body(usage))), usage)

    async def embed(self, call: Call) -> Chunk:
        self._check(call, embeds=True)
        body = decode(call.body)
        inputs = checked_inputs(body)
        wanted = body.get("dimensions")
        if wanted is not None and wanted != (size := (await self._meta())["n_embd"]):
            raise InvalidRequest(f"dimensions must be {size} for this model. Leave it out.", param="dimensions")
        asked = {
            "model": call.model,
            "input": inputs,
            "encoding_format": body.get("encoding_format") or "float",
        }
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
            "max_model_len": await self._context(),
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
        context = await self._context()
        tasks = ("embeddings",) if self._settings.embeds else ("chat", "completions")
        both = (*tasks, "tokenize", "detokenize")
        return tuple(ServedModel(name, self._created, context=context, tasks=both) for name in self._names)

    async def health(self) -> Health:
        """Ready once it has produced something since it started, and as long as it goes on producing."""
        try:
            metrics = read_metrics((await self._get("/metrics")).decode())
            if not self._proven and not metrics.running:
                await self._prove()
        except (EngineUnavailable, EngineFailed) as error:
            self._proven = False
            return Health(ready=False, reason=error.message)
        stuck = self._progress.stuck(metrics, time.monotonic())
        reason = f"no progress for {self._settings.stuck_seconds:g} s" if stuck else ""
        return Health(not stuck, reason, metrics.running, metrics.waiting)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _check(self, call: Call, *, embeds: bool) -> None:
        if call.model not in self._names:
            raise NotFound(f"Engine {self.name!r} has no model {call.model!r}. See /v1/models.", param="model")
        if embeds != self._settings.embeds:
            does = "makes embeddings and no text" if self._settings.embeds else "makes text and no embeddings"
            raise InvalidRequest(f"{call.model} {does}. Choose another model.", param="model")

    async def _prove(self) -> None:
        if self._settings.embeds:
            await self._post("/v1/embeddings", {"input": "a"})
        else:
            await self._post("/completion", {"prompt": "a", "n_predict": 1, "cache_prompt": False})
        self._proven = True

    async def _events(self, call: Call, upstream: Upstream) -> AsyncGenerator[tuple[Upstream, Event], None]:
        """What llama.cpp sends for one choice. Closing this hangs up, and that frees the slot."""
        async with self._ask("POST", PATHS[call.task], upstream.body) as response:
            async for line in response.content:
                if line.startswith(b"data: [DONE]"):
                    return
                if line.startswith(b"data: "):
                    yield upstream, msgspec.json.decode(line[6:])
                elif line.startswith(b"error: "):
                    raise failure(msgspec.json.decode(line[7:]))
        raise EngineFailed(f"Engine {self.name!r} ended its answer too early. Try again.")

    async def _template(self) -> Capabilities:
        if self._capabilities is None:
            told = msgspec.json.decode(await self._get("/props")).get("chat_template_caps", {})
            self._capabilities = Capabilities(
                tools=told.get("supports_tools", False), system_role=told.get("supports_system_role", True)
            )
        return self._capabilities

    async def _meta(self) -> dict[str, int]:
        meta: dict[str, int] = msgspec.json.decode(await self._get("/v1/models"))["data"][0]["meta"]
        return meta

    async def _context(self) -> int:
        return (await self._meta())["n_ctx"]

    async def _pieces(self, text: str, special: bool) -> list[dict[str, Any]]:
        asked = {"content": text, "add_special": special, "with_pieces": True}
        pieces: list[dict[str, Any]] = msgspec.json.decode(await self._post("/tokenize", asked))["tokens"]
        return pieces

    async def _explain_length(self, inputs: list[Any]) -> None:
        """llama.cpp calls a text that is too long a server error; by counting we know whose error it is."""
        context = await self._context()
        for place, one in enumerate(inputs):
            count = len(one) if isinstance(one, list) else len(await self._pieces(one, True))
            if count > context:
                raise too_long(place, count, context)

    async def _get(self, path: str) -> bytes:
        async with self._ask("GET", path) as response:
            return await response.read()

    async def _post(self, path: str, body: dict[str, Any]) -> bytes:
        async with self._ask("POST", path, msgspec.json.encode(body)) as response:
            return await response.read()

    @asynccontextmanager
    async def _ask(self, method: str, path: str, body: bytes = b"") -> AsyncIterator[aiohttp.ClientResponse]:
        """One request; whatever goes wrong in it becomes an error of ours, also while the answer is read."""
        try:
            response = await self._open().request(method, f"http://engine{path}", data=body or None)
        except aiohttp.ClientConnectorError as error:
            raise EngineUnavailable(f"Engine {self.name!r} is not running. Try again in a moment.") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._broken(error) from error
        try:
            if response.status >= 400:
                raise await self._refusal(response)
            yield response
        except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError, ValueError) as error:
            raise self._broken(error) from error
        finally:
            response.close()

    async def _refusal(self, response: aiohttp.ClientResponse) -> Exception:
        raw = await response.read()
        if response.status == 503:
            return EngineUnavailable(f"Engine {self.name!r} loads its model. Try again in a moment.")
        try:
            error = msgspec.json.decode(raw).get("error")
        except (msgspec.DecodeError, AttributeError):
            error = None
        return failure(error, response.status)

    def _broken(self, error: Exception) -> EngineFailed:
        if isinstance(error, TimeoutError):
            silence = self._settings.silence_seconds
            return EngineFailed(
                f"Engine {self.name!r} said nothing for {silence:g} s. Try again.", code="engine_timeout"
            )
        return EngineFailed(f"Engine {self.name!r} broke off ({type(error).__name__}). Try again in a moment.")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                # An idle connection would hold one of llama.cpp's threads; a new one on a socket is cheap.
                connector=aiohttp.UnixConnector(self._socket, force_close=True, limit=settings.connections),
                headers={"Authorization": f"Bearer {engine_key(self._secret, self.name)}"},
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=settings.connect_seconds, sock_read=settings.silence_seconds
                ),
                read_bufsize=LINE_LIMIT,
            )
        return self._session


def _sse(event: Event) -> bytes:
    return b"data: " + msgspec.json.encode(event) + b"\n\n"
