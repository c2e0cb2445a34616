"""A real llama.cpp child with the starter model: what its adapter adds to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from appliance.errors import InvalidRequest, NotFound
from inference.llamacpp import LlamaCpp
from tests.integration.inference.asking import (
    REBOOT,
    WEATHER,
    Json,
    call,
    chunks,
    events,
    said,
    seconds_to_free,
    user,
    whole,
)
from tests.peers.llamacpp import LlamaServer

MODEL = "smollm2-135m-instruct"
PARIS = user("What is the capital of France?")


@pytest.fixture
async def engine(llama_chat: LlamaServer) -> AsyncIterator[LlamaCpp]:
    client = llama_chat.client()
    yield client
    await client.close()


async def ask(engine: LlamaCpp, **body: Any) -> Json:
    answer = await whole(engine, "chat", MODEL, {"messages": PARIS, "max_tokens": 60, "temperature": 0, **body})
    choice: Json = answer["choices"][0]
    return choice


def arguments(choice: Json) -> list[tuple[str, Json]]:
    calls = choice["message"]["tool_calls"]
    return [(each["function"]["name"], json.loads(each["function"]["arguments"])) for each in calls]


async def test_nothing_of_llama_cpp_shows(engine: LlamaCpp):
    answer = await whole(engine, "chat", MODEL, {"messages": PARIS, "max_tokens": 5})
    assert set(answer["choices"][0]) == {"index", "message", "logprobs", "finish_reason"}
    assert set(answer) == {"id", "object", "created", "model", "choices", "usage"}


async def test_a_schema_holds_the_answer(engine: LlamaCpp):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "people": {"type": "integer"}},
        "required": ["city", "people"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": schema, "strict": True}}
    answer = json.loads((await ask(engine, response_format=form))["message"]["content"])
    assert set(answer) == {"city", "people"}
    assert isinstance(answer["people"], int)


async def test_json_mode_gives_json(engine: LlamaCpp):
    choice = await ask(engine, response_format={"type": "json_object"}, max_tokens=300)
    assert choice["finish_reason"] == "length" or isinstance(json.loads(choice["message"]["content"]), dict)
    assert choice["message"]["content"].startswith("{")


async def test_a_named_tool_is_called_once_with_arguments_of_its_schema(engine: LlamaCpp):
    named = {"type": "function", "function": {"name": "reboot_router"}}
    choice = await ask(engine, tools=[WEATHER, REBOOT], tool_choice=named, max_tokens=120)
    ((name, given),) = arguments(choice)
    assert name == "reboot_router"
    assert len(given["serial"]) == 4
    assert given["serial"].isdigit()
    assert given["mode"] in ("soft", "hard")
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None


async def test_without_parallel_calls_there_is_one(engine: LlamaCpp):
    choice = await ask(engine, tools=[WEATHER], tool_choice="required", parallel_tool_calls=False, max_tokens=120)
    assert [name for name, _ in arguments(choice)] == ["get_weather"]


async def test_with_auto_it_answers_in_words_or_calls_but_never_shows_the_grammar(engine: LlamaCpp):
    found = await events(engine, "chat", MODEL, {"messages": PARIS, "tools": [WEATHER], "max_tokens": 60, "seed": 7})
    pieces = [choice["delta"] for event in found for choice in event["choices"]]
    called = any("tool_calls" in piece for piece in pieces)
    assert called != bool(said(found))
    assert '{"content"' not in said(found)


async def test_with_none_the_tools_are_not_there(engine: LlamaCpp):
    choice = await ask(engine, tools=[WEATHER], tool_choice="none")
    assert "tool_calls" not in choice["message"]
    assert choice["message"]["content"] == (await ask(engine))["message"]["content"]


async def test_a_tool_result_is_read(engine: LlamaCpp):
    function = {"name": "get_weather", "arguments": '{"city": "Rome"}'}
    history = [
        *user("What is the weather in Rome?"),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "It is snowing in Rome."},
    ]
    body = {"max_tokens": 1, "messages": history}
    read, unread = [await whole(engine, "chat", MODEL, body | {"messages": history[:end]}) for end in (3, 1)]
    assert read["usage"]["prompt_tokens"] > unread["usage"]["prompt_tokens"] + 20


async def test_every_choice_is_counted(engine: LlamaCpp):
    body = {"messages": PARIS, "n": 3, "max_tokens": 5, "seed": 1}
    answer = await whole(engine, "chat", MODEL, body)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert answer["usage"]["completion_tokens"] == 15
    found = await events(engine, "chat", MODEL, body)
    assert {choice["index"] for event in found for choice in event["choices"]} == {0, 1, 2}
    assert found[-1]["usage"]["completion_tokens"] == 15
    assert found[-1]["usage"]["prompt_tokens"] == answer["usage"]["prompt_tokens"]


async def test_a_seed_repeats_an_answer(engine: LlamaCpp):
    one, two, other = [(await ask(engine, temperature=1.5, seed=seed))["message"]["content"] for seed in (11, 11, 12)]
    assert one == two != other


async def test_logprobs_are_as_many_as_asked(engine: LlamaCpp):
    for top in (0, 3):
        entries = (await ask(engine, logprobs=True, top_logprobs=top, max_tokens=4))["logprobs"]["content"]
        assert len(entries) == 4
        assert {len(entry["top_logprobs"]) for entry in entries} == {top}
        assert all(
            entry["logprob"] <= 0 and set(entry) == {"token", "logprob", "bytes", "top_logprobs"} for entry in entries
        )


async def test_completions_have_the_older_logprobs(engine: LlamaCpp):
    body = {"prompt": ["Once", "The"], "max_tokens": 3, "logprobs": 2, "n": 2}
    answer = await whole(engine, "completions", MODEL, body)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    for choice in answer["choices"]:
        assert "".join(choice["logprobs"]["tokens"]) == choice["text"]
        assert {len(top) for top in choice["logprobs"]["top_logprobs"]} == {2}
    assert answer["usage"]["completion_tokens"] == 12


async def test_stop_and_both_names_of_the_limit(engine: LlamaCpp):
    unstopped = (await ask(engine))["message"]["content"]
    word = unstopped.split()[3]
    stopped = await ask(engine, stop=[word])
    assert stopped["message"]["content"] == unstopped[: unstopped.index(word)]
    assert stopped["finish_reason"] == "stop"
    cut = await whole(engine, "chat", MODEL, {"messages": PARIS, "max_completion_tokens": 3, "max_tokens": 50})
    assert cut["usage"]["completion_tokens"] == 3
    assert cut["choices"][0]["finish_reason"] == "length"


async def test_logit_bias_bans_a_token(engine: LlamaCpp):
    first = (await ask(engine, logprobs=True, max_tokens=1))["message"]["content"]
    told = json.loads((await engine.tokenize(call("tokenize", MODEL, {"prompt": first}))).raw)
    (token,) = told["tokens"]
    banned = await ask(engine, logit_bias={str(token): -100}, max_tokens=1)
    assert banned["message"]["content"] != first


async def test_the_choices_are_asked_for_side_by_side(engine: LlamaCpp, llama_chat: LlamaServer):
    asked = {"messages": PARIS, "n": 4, "max_tokens": 400, "ignore_eos": True}
    stream = engine.stream(call("chat", MODEL, asked, stream=True))
    most = 0
    # Not each choice has begun when the first pieces come, and a short one may end before the last look.
    for number in range(1, 200):
        await anext(stream)
        if number % 10 == 0:
            most = max(most, (await engine.health()).running)
        if most == llama_chat.settings.slots:
            break
    assert most == llama_chat.settings.slots
    await stream.aclose()


@pytest.mark.parametrize(
    ("task", "body", "param"),
    [
        ("chat", {"messages": user("hi " * 9000)}, "messages"),
        ("chat", {"messages": PARIS, "functions": [{"name": "f"}]}, "functions"),
        ("chat", {"messages": PARIS, "tools": [WEATHER], "logprobs": True}, "logprobs"),
        ("chat", {"messages": PARIS, "tools": [WEATHER], "stop": ["x"]}, "stop"),
        ("chat", {"messages": PARIS, "tool_choice": "required"}, "tool_choice"),
        ("chat", {"messages": PARIS, "tools": [WEATHER], "tool_choice": {"function": {"name": "x"}}}, "tool_choice"),
        ("chat", {"messages": PARIS, "n": 1000}, "n"),
        ("chat", {"messages": PARIS, "temperature": "hot"}, None),
        ("completions", {"prompt": "a", "echo": True}, "echo"),
        ("completions", {"prompt": []}, "prompt"),
    ],
)
async def test_what_cannot_be_done_is_refused(engine: LlamaCpp, task: Any, body: Json, param: str | None):
    with pytest.raises(InvalidRequest) as refused:
        await chunks(engine, call(task, MODEL, body))
    assert refused.value.param == param


async def test_another_model_and_another_task_are_refused(engine: LlamaCpp, llama_embedder: LlamaServer):
    with pytest.raises(NotFound):
        await chunks(engine, call("chat", "gpt-x", {"messages": PARIS}))
    with pytest.raises(InvalidRequest):
        await engine.embed(call("embeddings", MODEL, {"input": "a"}))
    embedder = llama_embedder.client()
    with pytest.raises(InvalidRequest):
        await chunks(embedder, call("chat", llama_embedder.model, {"messages": PARIS}))
    await embedder.close()


async def until_it_runs(engine: LlamaCpp, waiting: asyncio.Task[Any]) -> None:
    async with asyncio.timeout(10):
        while not (await engine.health()).running:
            assert not waiting.done(), "it ended before it was seen"
            await asyncio.sleep(0.01)


async def test_hanging_up_during_a_long_prompt_frees_the_slot(engine: LlamaCpp):
    asked = call("chat", MODEL, {"messages": user("alpha beta gamma " * 1200)}, stream=True)
    waiting = asyncio.create_task(chunks(engine, asked))
    await until_it_runs(engine, waiting)
    await asyncio.sleep(0.5)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):  # the prompt alone takes far longer
        while (await engine.health()).running:
            await asyncio.sleep(0.01)


async def test_hanging_up_on_a_whole_answer_frees_the_slot(engine: LlamaCpp):
    asked = call("chat", MODEL, {"messages": user("Count to a thousand."), "ignore_eos": True})
    waiting = asyncio.create_task(chunks(engine, asked))
    await until_it_runs(engine, waiting)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(2):
        while (await engine.health()).running:
            await asyncio.sleep(0.01)


async def test_a_stream_of_one_hundred_tokens_can_be_cut_at_any_place(engine: LlamaCpp):
    asked = call("chat", MODEL, {"messages": PARIS, "max_tokens": 100, "ignore_eos": True}, stream=True)
    for after in (1, 2, 9):
        await seconds_to_free(engine, asked, after)
