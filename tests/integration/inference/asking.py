"""Asks an engine and takes its answer apart as a client would."""

import asyncio
import json
import time
from contextlib import aclosing
from typing import Any

from appliance.privacy.scrubbed import own
from inference.engine import Engine
from inference.messages import Call, Chunk, Task

Json = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "strict": True,  # without it vLLM holds a model to the tool, but not to its parameters
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 20}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
REBOOT = {
    "type": "function",
    "function": {
        "name": "reboot_router",
        "description": "Restarts the customer's router",
        "parameters": {
            "type": "object",
            "properties": {"serial": {"$ref": "#/$defs/Serial"}, "mode": {"enum": ["soft", "hard"]}},
            "required": ["serial", "mode"],
            "additionalProperties": False,
            "$defs": {"Serial": {"type": "string", "pattern": "^[0-9]{4}$"}},
        },
    },
}


def user(text: str) -> list[Json]:
    return [{"role": "user", "content": text}]


def call(task: Task, model: str, body: Json, *, stream: bool = False) -> Call:
    return Call(task=task, model=model, stream=stream, scrubbed=own(json.dumps({"model": model, **body}).encode()))


async def chunks(engine: Engine, asked: Call) -> list[Chunk]:
    async with aclosing(engine.stream(asked)) as stream:
        return [chunk async for chunk in stream]


async def events(engine: Engine, task: Task, model: str, body: Json) -> list[Json]:
    received = await chunks(engine, call(task, model, {**body, "stream": True}, stream=True))
    return [event for chunk in received for event in parsed(chunk.raw)]


async def whole(engine: Engine, task: Task, model: str, body: Json) -> Json:
    (chunk,) = await chunks(engine, call(task, model, body))
    answer: Json = json.loads(chunk.raw)
    return answer


def parsed(raw: bytes) -> list[Json]:
    pieces = raw.decode().split("\n\n")
    assert pieces.pop() == "", "a chunk ends with a whole event"
    assert all(piece.startswith("data: ") for piece in pieces)
    return [json.loads(piece.removeprefix("data: ")) for piece in pieces]


def said(found: list[Json], index: int = 0) -> str:
    return "".join(
        choice["delta"].get("content") or ""
        for event in found
        for choice in event["choices"]
        if choice["index"] == index
    )


async def seconds_to_free(engine: Engine, asked: Call, after_chunks: int) -> float:
    """How long an engine still works on a call after its generator was closed."""
    stream = engine.stream(asked)
    for _ in range(after_chunks):
        await anext(stream)
    assert (await engine.health()).running == 1
    started = time.perf_counter()
    await stream.aclose()
    while (await engine.health()).running:
        await asyncio.sleep(0.002)
    return time.perf_counter() - started
