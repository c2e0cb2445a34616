"""The wire contract, as OpenAI's own client sees it."""

import asyncio
from pathlib import Path

import openai
import pytest

from appliance.errors import EngineFailed
from appliance.settings import Bounds, Limits, Price, Server
from inference.messages import Delta, ToolCall
from inference.twin import Fault, Twin
from tests.integration.api.conftest import Running, appliance

HELLO = [{"role": "user", "content": "one two three"}]


async def test_a_conversation_is_answered_whole_and_streamed(twin_appliance: Running) -> None:
    client = twin_appliance.client()
    whole = await client.chat.completions.create(model="twin", messages=HELLO)
    assert whole.choices[0].message.content == "one two three"
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage is not None and whole.usage.completion_tokens == 4
    assert whole._request_id is not None and whole._request_id.startswith("req_")
    stream = await client.chat.completions.create(model="twin", messages=HELLO, stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert all(chunk.usage is None for chunk in chunks)


async def test_usage_comes_last_for_who_asks(twin_appliance: Running) -> None:
    stream = await twin_appliance.client().chat.completions.create(
        model="twin", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert all("usage" in chunk.model_fields_set and chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens == 4


def test_the_blocking_client_works_too(tmp_path: Path) -> None:
    async def run() -> None:
        async with appliance(tmp_path, Twin()) as running:
            await asyncio.to_thread(ask, running)

    def ask(running: Running) -> None:
        with running.blocking_client() as client:
            assert [model.id for model in client.models.list()] == ["twin"]
            assert client.models.retrieve("twin").owned_by == "ringfence"
            with client.chat.completions.stream(model="twin", messages=HELLO) as stream:
                assert stream.get_final_completion().choices[0].message.content == "one two three"
            done = client.completions.create(model="twin", prompt="go on")
            assert done.choices[0].text == "go on"
            assert len(client.embeddings.create(model="twin", input=["a", "b"]).data) == 2

    asyncio.run(run())


async def test_vectors_are_the_same_as_floats_and_base64(twin_appliance: Running) -> None:
    client = twin_appliance.client()
    packed = await client.embeddings.create(model="twin", input="x")  # the client asks for base64 by itself
    floats = await client.embeddings.create(model="twin", input="x", encoding_format="float")
    assert packed.data[0].embedding == pytest.approx(floats.data[0].embedding)


async def test_tool_calls_come_in_pieces_with_their_index(tmp_path: Path) -> None:
    script = [
        Delta(tool_call=ToolCall(0, "call_1", "speed_test", "")),
        Delta(tool_call=ToolCall(0, arguments='{"line":')),
        Delta(tool_call=ToolCall(0, arguments='"7"}')),
        Delta(tool_call=ToolCall(1, "call_2", "reboot", "{}")),
        Delta(finish_reason="tool_calls"),
    ]
    async with appliance(tmp_path, Twin(script=lambda _: script)) as running:
        create = running.client().chat.completions.create
        tools = [{"type": "function", "function": {"name": "speed_test", "parameters": {"type": "object"}}}]
        whole = await create(model="twin", messages=HELLO, tools=tools)
        calls = whole.choices[0].message.tool_calls
        assert calls is not None
        assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
            ("call_1", "speed_test", '{"line":"7"}'),
            ("call_2", "reboot", "{}"),
        ]
        stream = await create(model="twin", messages=HELLO, tools=tools, stream=True)
        pieces = [piece async for chunk in stream for piece in chunk.choices[0].delta.tool_calls or ()]
        assert [piece.index for piece in pieces] == [0, 0, 0, 1]
        assert [piece.id for piece in pieces] == ["call_1", None, None, "call_2"]


async def test_a_fault_within_a_stream_raises(tmp_path: Path) -> None:
    script = [Delta(content="a"), Fault(EngineFailed("The engine broke. Try again."))]
    async with appliance(tmp_path, Twin(script=lambda _: script)) as running:
        stream = await running.client().chat.completions.create(model="twin", messages=HELLO, stream=True)
        seen = []
        with pytest.raises(openai.APIError, match="The engine broke"):
            async for chunk in stream:
                seen.append(chunk.choices[0].delta.content)
        assert seen == ["a"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"stream": "yes"}, "stream"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        ({"n": 0}, "n"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"model": None}, "model"),
    ],
)
async def test_a_wrong_value_is_named(twin_appliance: Running, change: dict[str, object], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await twin_appliance.client().chat.completions.create(
            model="twin", messages=HELLO, extra_body=change, timeout=5
        )
    assert caught.value.param == param
    assert isinstance(caught.value.code, str)
    assert caught.value.request_id
    assert twin_appliance.twin.calls == []


async def test_unknown_parameters_reach_the_engine(twin_appliance: Running) -> None:
    await twin_appliance.client().chat.completions.create(
        model="twin", messages=HELLO, seed=7, extra_body={"min_p": 0.1, "guided": {"x": [1]}}
    )
    body = twin_appliance.twin.calls[0].body
    assert b'"min_p":0.1' in body.replace(b" ", b"") and b'"guided"' in body and b'"seed"' in body


async def test_credentials_models_and_routes_fail_as_openai_has_it(twin_appliance: Running) -> None:
    client, stranger = twin_appliance.client(), twin_appliance.client(api_key="rf_nobody_nothing")
    with pytest.raises(openai.AuthenticationError) as refused:
        await stranger.chat.completions.create(model="twin", messages=HELLO)
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.AuthenticationError):
        await stranger.models.list()
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="gpt-9", messages=HELLO)
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("gpt-9")
    with pytest.raises(openai.NotFoundError) as nowhere:
        await client.files.list()
    assert "GET /docs" in nowhere.value.message


async def test_a_large_body_is_refused(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), server=Server(body_limit=1000)) as running:
        with pytest.raises(openai.APIStatusError) as caught:
            await running.client().chat.completions.create(
                model="twin", messages=[{"role": "user", "content": "x" * 2000}]
            )
        assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")


async def test_a_rate_limit_is_waited_for_and_a_budget_is_not(tmp_path: Path) -> None:
    limits = Limits(
        key=Bounds(requests_per_minute=2), tenant=Bounds(money_per_day=10), prices={"twin": Price(prompt=5000)}
    )
    async with appliance(tmp_path, Twin(), limits=limits) as running:
        attempts: list[int] = []
        client = running.client(max_retries=2, http_client=counting(attempts))
        with pytest.raises(openai.RateLimitError) as broke:
            await client.chat.completions.create(model="twin", messages=HELLO)
        assert broke.value.code == "insufficient_quota"
        assert broke.value.response.headers["x-should-retry"] == "false"
        assert len(attempts) == 1


def counting(attempts: list[int]) -> openai.DefaultAsyncHttpxClient:
    async def note(response: object) -> None:
        attempts.append(1)

    return openai.DefaultAsyncHttpxClient(event_hooks={"response": [note]})


async def test_limits_are_told_in_headers(tmp_path: Path) -> None:
    limits = Limits(key=Bounds(requests_per_minute=2))
    async with appliance(tmp_path, Twin(), limits=limits) as running:
        create = running.client().chat.completions.with_raw_response.create
        first = await create(model="twin", messages=HELLO)
        assert first.headers["x-ratelimit-limit-requests"] == "2"
        assert first.headers["x-ratelimit-remaining-requests"] == "1"
        await create(model="twin", messages=HELLO)
        with pytest.raises(openai.RateLimitError) as caught:
            await create(model="twin", messages=HELLO)
        assert caught.value.code == "rate_limit_exceeded"
        refused = caught.value.response.headers
        assert 1 <= int(refused["retry-after"]) <= 60
        assert (refused["x-ratelimit-limit-requests"], refused["x-ratelimit-remaining-requests"]) == ("2", "0")


async def test_a_dead_engine_is_a_503_that_says_when_to_try_again(twin_appliance: Running) -> None:
    twin_appliance.twin.down = "it rests"
    with pytest.raises(openai.InternalServerError) as caught:
        await twin_appliance.client().chat.completions.create(model="twin", messages=HELLO)
    assert (caught.value.status_code, caught.value.code) == (503, "engine_unavailable")
    assert int(caught.value.response.headers["retry-after"]) >= 1
