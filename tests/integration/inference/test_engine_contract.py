"""What every engine owes to the API: the twin in memory, llama.cpp and vLLM alike."""

import json
import struct
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import EngineUnavailable
from appliance.settings import EngineSettings
from inference.engine import Engine
from inference.llamacpp import LlamaCpp
from inference.messages import Delta, ToolCall
from inference.twin import Pause, Step, Twin, echo
from inference.vllm import Vllm
from inference.wire import Address
from tests.integration.inference.asking import (
    WEATHER,
    call,
    chunks,
    events,
    parsed,
    said,
    seconds_to_free,
    user,
    whole,
)

DELAY = 0.01
DOWN = Address.parse("http://127.0.0.1:9")


@dataclass(frozen=True)
class Case:
    engine: Engine
    model: str
    down: Engine
    """The same kind of engine, with nothing behind it."""


def play(body: dict[str, Any]) -> Sequence[Step]:
    """The twin's part: a tool when it is told to use one, else an echo at a model's pace."""
    if body.get("tool_choice") == "required":
        pieces = [
            ToolCall(0, "call_1", "get_weather"),
            ToolCall(0, arguments='{"city": '),
            ToolCall(0, arguments='"x"}'),
        ]
        return [*(Delta(tool_call=piece) for piece in pieces), Delta(finish_reason="tool_calls")]
    return [step for delta in echo(body) for step in (Pause(DELAY), delta)]


def twin(_request: pytest.FixtureRequest, _folder: Path) -> Case:
    down = Twin(models=("twin",))
    down.down = "it is switched off"
    return Case(Twin(models=("twin",), script=play), "twin", down)


def llama(request: pytest.FixtureRequest, folder: Path) -> Case:
    server = request.getfixturevalue("llama_chat")
    return Case(server.client(), server.model, LlamaCpp(server.settings, folder))


def vllm(request: pytest.FixtureRequest, _folder: Path) -> Case:
    server = request.getfixturevalue("vllm_server")
    settings = EngineSettings(name="vllm", kind="vllm", urls=(server.url,), key=server.key)
    return Case(Vllm(settings, Address.parse(server.url), "vllm"), server.model, Vllm(settings, DOWN, "vllm"))


@pytest.fixture(params=[twin, llama, vllm])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    make: Callable[[pytest.FixtureRequest, Path], Case] = request.param
    made = make(request, tmp_path)
    yield made
    await made.engine.close()
    await made.down.close()


async def test_a_stream_is_whole_events_and_ends_with_its_usage(case: Case):
    body = {"messages": user("Name a colour."), "max_tokens": 12, "stream": True}
    received = await chunks(case.engine, call("chat", case.model, body, stream=True))
    found = [event for chunk in received for event in parsed(chunk.raw)]
    assert len({event["id"] for event in found}) == 1
    assert {event["object"] for event in found} == {"chat.completion.chunk"}
    assert {event["model"] for event in found} == {case.model}
    assert found[0]["choices"][0]["delta"]["role"] == "assistant"
    assert said(found)
    assert [event["choices"][0]["finish_reason"] for event in found if event["choices"]][-1] in ("stop", "length")
    last = received[-1].usage
    assert last is not None
    assert last.prompt_tokens > 0
    assert found[-1]["usage"]["total_tokens"] == last.total_tokens


async def test_a_whole_answer_is_one_chunk(case: Case):
    received = await chunks(
        case.engine, call("chat", case.model, {"messages": user("Name a colour."), "max_tokens": 12})
    )
    (chunk,) = received
    answer = json.loads(chunk.raw)
    assert answer["object"] == "chat.completion"
    assert answer["model"] == case.model
    assert answer["choices"][0]["message"]["content"]
    assert chunk.usage is not None
    assert answer["usage"]["completion_tokens"] == chunk.usage.completion_tokens > 0


async def test_completions_stream_and_come_whole(case: Case):
    body = {"prompt": "Once upon a time", "max_tokens": 6}
    answer = await whole(case.engine, "completions", case.model, body)
    assert answer["object"] == "text_completion"
    assert answer["choices"][0]["text"]
    found = await events(case.engine, "completions", case.model, body)
    assert "".join(choice["text"] for event in found for choice in event["choices"])


async def test_a_required_tool_is_called(case: Case):
    body = {"messages": user("Weather in Rome?"), "tools": [WEATHER], "tool_choice": "required", "max_tokens": 200}
    found = await events(case.engine, "chat", case.model, body)
    pieces = [
        piece for event in found for choice in event["choices"] for piece in choice["delta"].get("tool_calls") or ()
    ]
    first = [piece for piece in pieces if piece["index"] == 0]
    assert first[0]["id"]
    assert first[0]["function"]["name"] == "get_weather"
    assert not any(piece.get("id") for piece in first[1:])
    assert set(json.loads("".join(piece["function"].get("arguments") or "" for piece in first))) == {"city"}


async def test_closing_frees_the_engine_within_100_ms(case: Case):
    body = {"messages": user("Count from one to a thousand. " * 20), "max_tokens": 1000, "stream": True}
    asked = call("chat", case.model, body, stream=True)
    # The best of a few: on a busy machine any single one may be late for reasons that are not the engine's.
    assert min([await seconds_to_free(case.engine, asked, 4) for _ in range(5)]) < 0.1


async def test_a_running_engine_is_ready_and_names_its_model(case: Case):
    health = await case.engine.health()
    assert (health.ready, health.reason) == (True, "")
    (model,) = await case.engine.models()
    assert model.id == case.model
    assert model.context is not None
    assert model.context >= 2048
    assert {"chat", "completions", "tokenize"} <= set(model.tasks)


async def test_what_was_tokenized_can_be_put_together_again(case: Case):
    asked = {"prompt": "Grüße, Welt", "add_special_tokens": False}
    told = json.loads((await case.engine.tokenize(call("tokenize", case.model, asked))).raw)
    assert told["count"] == len(told["tokens"]) > 1
    back = await case.engine.detokenize(call("detokenize", case.model, {"tokens": told["tokens"]}))
    assert json.loads(back.raw) == {"prompt": "Grüße, Welt"}


async def test_without_an_engine_there_is_no_answer(case: Case):
    health = await case.down.health()
    assert not health.ready
    assert health.reason
    for stream in (True, False):
        with pytest.raises(EngineUnavailable):
            await chunks(
                case.down, call("chat", case.model, {"messages": user("Hello"), "stream": stream}, stream=stream)
            )


def embedding_twin(_request: pytest.FixtureRequest) -> tuple[Engine, str]:
    return Twin(models=("twin",)), "twin"


def embedding_llama(request: pytest.FixtureRequest) -> tuple[Engine, str]:
    server = request.getfixturevalue("llama_embedder")
    return server.client(), server.model


@pytest.mark.parametrize("make", [embedding_twin, embedding_llama])
async def test_embeddings_come_as_numbers_or_base64(make: Any, request: pytest.FixtureRequest):
    engine, model = make(request)
    texts = ["No dial tone", "The line is dead"]
    plain, packed = [
        await engine.embed(call("embeddings", model, {"input": texts, "encoding_format": form}))
        for form in ("float", "base64")
    ]
    assert plain.usage is not None
    assert plain.usage.prompt_tokens > 0
    answer, other = json.loads(plain.raw), json.loads(packed.raw)
    assert [row["index"] for row in answer["data"]] == [0, 1]
    assert answer["model"] == model
    for row, same in zip(answer["data"], other["data"], strict=True):
        size = len(row["embedding"])
        assert struct.unpack(f"<{size}f", b64decode(same["embedding"])) == pytest.approx(row["embedding"], abs=1e-6)
    await engine.close()
