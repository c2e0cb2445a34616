"""vLLM over HTTP: bytes pass through wherever nothing has to edit them."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from appliance.errors import EngineFailed, EngineUnavailable, InvalidRequest, ModelError, NotFound, RingfenceError
from appliance.privacy.scrubbed import own
from appliance.settings import EngineSettings
from inference import sse
from inference.body import with_fields
from inference.messages import Call, Chunk, Health, ServedModel, Task
from inference.progress import Progress
from inference.wire import Address, Bounds, Pool, Response

PATHS: Mapping[Task, str] = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "tokenize": "/tokenize",
    "detokenize": "/detokenize",
}
TOKEN_TASKS: tuple[Task, ...] = ("tokenize", "detokenize")
# What vLLM calls the parameter when a prompt does not fit the context.
TOO_LONG = "input_tokens"
LONGEST_REASON = 500
BROKEN = b'data: {"error"'
WORK = ("vllm:generation_tokens_total", "vllm:prompt_tokens_total", "vllm:iteration_tokens_total_count")


class Vllm:
    """One vLLM server."""

    def __init__(self, settings: EngineSettings, address: Address, name: str) -> None:
        self.name = name
        self.group = settings.name
        self.place = settings.place
        self._settings = settings
        self._aliases: frozenset[str] = frozenset()
        self._progress = Progress(settings.stuck_seconds)
        self._pool = Pool(
            address,
            Bounds(settings.connections, settings.connect_seconds, settings.silence_seconds),
            name,
            {"authorization": f"Bearer {settings.key}"} if settings.key else {},
        )

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        if not call.stream:
            yield await self._whole(call)
            return
        splitter = sse.Splitter()
        async with self._post(call, self._streaming_body(call)) as response:
            while data := await response.some():
                raw = splitter.feed(data)
                if (broken := raw.find(BROKEN)) >= 0:
                    raise EngineFailed(f"{self.name} broke off: {_message(raw[broken:])[0]}. Try again.")
                done = raw.endswith(sse.DONE)
                if done:
                    raw = raw[: -len(sse.DONE)]
                if raw:
                    yield Chunk(self._publish_events(raw, call), sse.usage_in(raw))
                if done:
                    await response.end()
                    return
        raise EngineFailed(f"{self.name} ended its answer early. Try again.")

    async def embed(self, call: Call) -> Chunk:
        return await self._whole(call)

    async def tokenize(self, call: Call) -> Chunk:
        return await self._whole(call)

    async def detokenize(self, call: Call) -> Chunk:
        return await self._whole(call)

    async def models(self) -> tuple[ServedModel, ...]:
        tasks: tuple[Task, ...] = ("embeddings",) if self._settings.embeds else ("chat", "completions")
        found = msgspec.json.decode(await self._get("/v1/models"), type=_ModelList).data
        known = {model.id: model for model in found}
        self._aliases = _aliases(found)
        upstream = self._settings.upstream_model
        names = self._settings.models or tuple(known)
        served = []
        for name in names:
            origin = known.get(upstream or name)
            if origin is None:
                raise EngineUnavailable(
                    f"{self.name} serves {sorted(known)}, not '{upstream or name}'. "
                    "Set engines models or upstream_model."
                )
            context = origin.max_model_len or known.get(origin.parent or "", origin).max_model_len
            served.append(ServedModel(name, origin.created, context=context, tasks=tasks + TOKEN_TASKS))
        return tuple(served)

    async def health(self) -> Health:
        """Ready when work moves on, and when after a quiet minute one token can be had."""
        try:
            await self._get("/health")
            gauges = _read_metrics(await self._get("/metrics"))
            running, waiting = int(gauges["running"]), int(gauges["waiting"])
            moving = self._progress.observe(time.monotonic(), running, gauges["work"])
            if not moving:
                return Health(False, f"{running} requests run and no token came", running, waiting, hung=True)
            if not running and not self._progress.proven(time.monotonic()):
                await self._produce_one_token()
                self._progress.prove(time.monotonic())
            return Health(True, running=running, waiting=waiting)
        except RingfenceError as error:
            return Health(False, error.message)

    async def load_adapter(self, name: str, folder: Path) -> None:
        """From a folder that `models.adapter` judged; it is a model of its own then."""
        status, message = await self._tell("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(folder)})
        if status == 400:
            raise ModelError(f"{self.name} did not take the adapter {name!r}: {message}. Give it another name.")
        if status == 404:
            raise ModelError(f"{self.name} did not take the adapter {name!r}: {message}. Set `launch.adapter_slots`.")
        if status != 200:
            raise ModelError(f"{self.name} cannot use the adapter {name!r}: {message}. Take one of its model.")

    async def unload_adapter(self, name: str) -> None:
        """What is being answered with it goes on."""
        status, message = await self._tell("/v1/unload_lora_adapter", {"lora_name": name})
        if status == 404:
            raise NotFound(f"{self.name} has no adapter {name!r}. See `ringfence engines adapters list`.")
        if status != 200:
            raise EngineFailed(f"{self.name} did not unload the adapter {name!r}: {message}. Try again.")

    async def close(self) -> None:
        self._pool.close()

    async def _whole(self, call: Call) -> Chunk:
        async with self._post(call, self._body(call, {})) as response:
            raw = await response.whole()
        if self._names_another(call):
            raw = with_fields(raw, {"model": call.model})
        return Chunk(raw, sse.usage_of(raw))

    def _streaming_body(self, call: Call) -> bytes:
        options: dict[str, Any] = {"include_usage": True}
        if b'"stream_options"' in call.body:
            options = {**(_options.decode(call.body).stream_options or {}), **options}
        return self._body(call, {"stream_options": options})

    def _body(self, call: Call, fields: dict[str, Any]) -> bytes:
        if call.salt and call.task in ("chat", "completions"):
            fields["cache_salt"] = call.salt
        if self._settings.upstream_model:
            fields["model"] = self._settings.upstream_model
        return with_fields(call.body, fields)

    def _publish_events(self, raw: bytes, call: Call) -> bytes:
        if not self._names_another(call):
            return raw
        return b"".join(sse.frame(with_fields(payload, {"model": call.model})) for payload in sse.payloads(raw))

    def _names_another(self, call: Call) -> bool:
        """vLLM's answers name another model than the caller asked for."""
        return call.task not in TOKEN_TASKS and bool(self._settings.upstream_model or call.model in self._aliases)

    @asynccontextmanager
    async def _post(self, call: Call, body: bytes) -> AsyncIterator[Response]:
        asked = self._pool.request("POST", PATHS[call.task], body, call.request_id, call.traceparent)
        async with asked as response:
            if response.status != 200:
                raise self._refusal(response.status, await response.whole())
            yield response

    def _refusal(self, status: int, body: bytes) -> RingfenceError:
        message, param = _message(body)
        if status in (400, 413, 422):
            return _invalid(message, param)
        if status in (429, 503):
            return EngineUnavailable(f"{self.name} takes no more requests now: {message}. Try again shortly.")
        if status in (401, 403):
            return EngineFailed(f"{self.name} refuses our key. Set engines key for it.")
        return EngineFailed(f"{self.name} failed with status {status}: {message}. Try again.")

    async def _tell(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        async with self._pool.request("POST", path, msgspec.json.encode(fields)) as response:
            body = await response.whole()
        return response.status, "" if response.status == 200 else _message(body)[0]

    async def _get(self, path: str) -> bytes:
        try:
            async with (
                asyncio.timeout(self._settings.connect_seconds),
                self._pool.request("GET", path) as response,
            ):
                body = await response.whole()
        except TimeoutError as error:
            raise EngineUnavailable(f"it does not answer {path} in time") from error
        if response.status != 200:
            raise EngineUnavailable(f"it answers {path} with status {response.status}")
        return body

    async def _produce_one_token(self) -> None:
        model = self._settings.upstream_model or (await self.models())[0].id
        task: Task = "embeddings" if self._settings.embeds else "completions"
        asked = {"input": "ready?"} if self._settings.embeds else {"prompt": "ready?", "max_tokens": 1}
        body = msgspec.json.encode({"model": model, **asked})
        try:
            async with asyncio.timeout(self._settings.stuck_seconds):
                await self._whole(Call(task=task, model=model, scrubbed=own(body)))
        except TimeoutError as error:
            raise EngineUnavailable("it produced no token in time") from error


class _Options(msgspec.Struct):
    stream_options: dict[str, msgspec.Raw] | None = None


_options = msgspec.json.Decoder(_Options)


class _Model(msgspec.Struct):
    id: str
    created: int = 0
    max_model_len: int | None = None
    root: str | None = None
    parent: str | None = None


class _ModelList(msgspec.Struct):
    data: list[_Model]


def _aliases(models: list[_Model]) -> frozenset[str]:
    """Further names of its own model, for which vLLM's answers say the first one. An adapter has its own name."""
    own = [model for model in models if model.parent is None]
    return frozenset(model.id for model in own[1:] if model.root and model.root == own[0].root)


def _invalid(message: str, param: str | None) -> InvalidRequest:
    if param == TOO_LONG:
        return InvalidRequest(f"{message}. Shorten it.", param="messages", code="context_length_exceeded")
    return InvalidRequest(f"{message}. Change it.", param=param and param.removeprefix("body."))


def _message(body: bytes) -> tuple[str, str | None]:
    """The text and the parameter out of vLLM's several error shapes."""
    payload = next(sse.payloads(body), body)
    try:
        error = msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return "it gave no reason", None
    inner = error.get("error", error.get("detail", error)) if isinstance(error, dict) else error
    if isinstance(inner, dict):
        param = inner.get("param")
        message = str(inner.get("message", "it gave no reason"))[:LONGEST_REASON].rstrip(".")
        return message, param if isinstance(param, str) else None
    return str(inner)[:LONGEST_REASON].rstrip("."), None


def _read_metrics(text: bytes) -> dict[str, float]:
    found = {"running": 0.0, "waiting": 0.0, "work": 0.0}
    for line in text.decode(errors="replace").splitlines():
        series, _, value = line.rpartition(" ")
        name = series.partition("{")[0]
        if name == "vllm:num_requests_running":
            found["running"] += float(value)
        elif name == "vllm:num_requests_waiting":
            found["waiting"] += float(value)
        elif name in WORK:
            found["work"] += float(value)
    return found
