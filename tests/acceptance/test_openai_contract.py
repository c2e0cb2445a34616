"""OpenAI's own client against real engines: what an application written for OpenAI relies on."""

import asyncio
import json
import math

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.acceptance.product import CHAT_MODEL as MODEL
from tests.acceptance.product import Appliance

QUESTION = [{"role": "user", "content": "Name the capital of France. Answer in one sentence."}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": text,
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"place": {"type": "string", "enum": ["Paris", "Rome"]}},
                "required": ["place"],
                "additionalProperties": False,
            },
        },
    }
    for name, text in (("get_weather", "The weather at a place"), ("get_time", "The time at a place"))
]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}, "people": {"type": "integer", "minimum": 0}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
GREEDY = {"temperature": 0, "max_completion_tokens": 24}


def test_an_answer_comes_whole(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    assert "Paris" in (answer.choices[0].message.content or "")
    assert answer.model == MODEL and answer.object == "chat.completion"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None and answer.usage.prompt_tokens > 10
    assert 0 < answer.usage.completion_tokens <= 24
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id


def test_the_same_answer_comes_as_a_stream(client: OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    chunks = list(client.chat.completions.create(model=MODEL, messages=QUESTION, stream=True, **GREEDY))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)
    assert len(chunks) > 3, "it came in pieces"


def test_usage_comes_last_for_who_asks(client: OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    *rest, last = client.chat.completions.create(
        model=MODEL, messages=QUESTION, stream=True, stream_options={"include_usage": True}, **GREEDY
    )
    assert all("usage" in chunk.model_fields_set and chunk.usage is None for chunk in rest)
    assert last.choices == []
    assert last.usage is not None and whole.usage is not None
    assert last.usage.completion_tokens == whole.usage.completion_tokens
    assert last.usage.prompt_tokens == whole.usage.prompt_tokens


async def test_the_asynchronous_client_streams_many_at_once(async_client: AsyncOpenAI) -> None:
    async def ask() -> str:
        async with async_client.chat.completions.stream(model=MODEL, messages=QUESTION, **GREEDY) as stream:
            return (await stream.get_final_completion()).choices[0].message.content or ""

    answers = await asyncio.gather(*(ask() for _ in range(4)))
    assert all("Paris" in answer for answer in answers)


async def test_the_asynchronous_client_gets_whole_answers(async_client: AsyncOpenAI) -> None:
    answer = await async_client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    assert "Paris" in (answer.choices[0].message.content or "")
    done = await async_client.completions.create(model=MODEL, prompt="Two plus two is", max_tokens=4)
    assert done.usage is not None and done.usage.completion_tokens <= 4


def test_plain_completions(client: OpenAI) -> None:
    asked = {"model": MODEL, "prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}
    whole = client.completions.create(**asked)
    assert "Paris" in whole.choices[0].text
    assert whole.usage is not None and whole.usage.completion_tokens <= 8
    pieces = list(client.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(piece.choices[0].text for piece in pieces if piece.choices) == whole.choices[0].text
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_several_prompts_are_answered_in_their_order(client: OpenAI) -> None:
    prompts = ["The capital of France is", "One, two, three, four,"]
    done = client.completions.create(model=MODEL, prompt=prompts, max_tokens=6, temperature=0)
    by_index = {choice.index: choice.text for choice in done.choices}
    assert "Paris" in by_index[0] and "five" in by_index[1]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_time"}}])
def test_a_tool_that_must_be_called_is_called(client: OpenAI, choice: object, stream: bool) -> None:
    asked = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "What time is it in Rome?"}],
        "tools": TOOLS,
        "tool_choice": choice,
        "temperature": 0,
        "max_completion_tokens": 80,
    }
    if stream:
        with client.chat.completions.stream(**asked) as events:
            answer = events.get_final_completion().choices[0]
    else:
        answer = client.chat.completions.create(**asked).choices[0]
    calls = answer.message.tool_calls
    assert calls
    assert all(call.id and call.type == "function" for call in calls)
    assert {call.function.name for call in calls} <= (
        {"get_weather", "get_time"} if choice == "required" else {"get_time"}
    )
    assert all(json.loads(call.function.arguments)["place"] in ("Paris", "Rome") for call in calls)
    # OpenAI has "stop" where the caller named the tool.
    assert answer.finish_reason in ("tool_calls", "stop")


def test_the_answer_of_a_tool_goes_back_into_the_conversation(client: OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"place":"Paris"}'}}
    messages = [
        {"role": "user", "content": "How is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "It rains."},
    ]
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS, tool_choice="none", **GREEDY)
    assert answer.choices[0].message.content
    assert not answer.choices[0].message.tool_calls


@pytest.mark.parametrize("choice", ["none", "auto"])
def test_tools_that_need_not_be_called(client: OpenAI, choice: str) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, tools=TOOLS, tool_choice=choice, **GREEDY)
    message = answer.choices[0].message
    assert message.content or (choice == "auto" and message.tool_calls)
    if choice == "none":
        assert not message.tool_calls and answer.choices[0].finish_reason in ("stop", "length")


def test_json_object(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Give me JSON with the key city and the value Paris."}],
        response_format={"type": "json_object"},
        temperature=0,
        max_completion_tokens=200,
    )
    if answer.choices[0].finish_reason == "stop":  # a model this small may go on until it is cut
        assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)
    else:
        assert (answer.choices[0].message.content or "").lstrip().startswith("{")


@pytest.mark.parametrize("stream", [False, True])
def test_json_schema(client: OpenAI, stream: bool) -> None:
    asked = {
        "model": MODEL,
        "messages": [{"role": "user", "content": 'Rome is {"city": "Rome", "people": 2800000}. Tell me about Paris.'}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA, "strict": True}},
        "temperature": 0,
        "max_completion_tokens": 200,
    }
    if stream:
        chunks = client.chat.completions.create(**asked, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    else:
        text = client.chat.completions.create(**asked).choices[0].message.content or ""
    found = json.loads(text)
    assert found.keys() == {"city", "people"}
    assert isinstance(found["city"], str) and isinstance(found["people"], int) and found["people"] >= 0


def test_logprobs(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, logprobs=True, top_logprobs=3, **GREEDY)
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None and logprobs.content
    assert "Paris" in "".join(entry.token for entry in logprobs.content)
    for entry in logprobs.content:
        assert len(entry.top_logprobs) == 3
        assert math.isclose(entry.top_logprobs[0].logprob, entry.logprob, abs_tol=0.01), "the likeliest was taken"


@pytest.mark.parametrize("stream", [False, True])
def test_two_choices(client: OpenAI, stream: bool) -> None:
    asked = {"model": MODEL, "messages": QUESTION, "n": 2, "temperature": 0.8, "max_completion_tokens": 12}
    if stream:
        chunks = client.chat.completions.create(**asked, stream=True)
        assert {choice.index for chunk in chunks for choice in chunk.choices} == {0, 1}
        return
    answer = client.chat.completions.create(**asked)
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert answer.usage is not None and answer.usage.completion_tokens > 12, "both are counted"


def test_stop(client: OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    text = whole.choices[0].message.content or ""
    cut = client.chat.completions.create(model=MODEL, messages=QUESTION, stop=["Paris"], **GREEDY)
    assert cut.choices[0].message.content == text.partition("Paris")[0] != text
    assert cut.choices[0].finish_reason == "stop"


def test_the_same_seed_says_the_same(client: OpenAI) -> None:
    def ask(seed: int) -> str | None:
        asked = {"model": MODEL, "messages": QUESTION, "temperature": 1.0, "max_completion_tokens": 20, "seed": seed}
        return client.chat.completions.create(**asked).choices[0].message.content

    assert ask(7) == ask(7)
    assert len({ask(seed) for seed in (1, 2, 3, 4)}) > 1


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_most_tokens(client: OpenAI, name: str) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, temperature=0, extra_body={name: 3})
    assert answer.usage is not None and answer.usage.completion_tokens == 3
    assert answer.choices[0].finish_reason == "length"


def test_tokens_there_and_not_back(client: OpenAI) -> None:
    text = "Grüße aus Köln: the router blinks 🔴, twice."
    told = client.post("/../tokenize", body={"model": MODEL, "prompt": text}, cast_to=object)
    assert told["count"] == len(told["tokens"]) > 5  # type: ignore[index]
    with pytest.raises(openai.PermissionDeniedError) as refused:  # tokens cannot be searched for what is personal
        client.post("/../detokenize", body={"model": MODEL, "tokens": told["tokens"]}, cast_to=object)  # type: ignore[index]
    assert refused.value.code == "privacy_refused"
    chat = client.post("/../tokenize", body={"model": MODEL, "messages": QUESTION}, cast_to=object)
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, **GREEDY)
    assert answer.usage is not None and chat["count"] == answer.usage.prompt_tokens  # type: ignore[index]


def test_models(client: OpenAI) -> None:
    listed = {model.id: model for model in client.models.list()}
    assert MODEL in listed
    assert client.models.retrieve(MODEL) == listed[MODEL]
    assert listed[MODEL].model_extra == {"max_model_len": 2048}
    with pytest.raises(openai.NotFoundError) as unknown:
        client.models.retrieve("gpt-9")
    assert unknown.value.code == "model_not_found"


def test_pages_for_people_and_machines(served: Appliance) -> None:
    assert served.get("/health/live")[0] == served.get("/health/ready")[0] == 200
    described = json.loads(served.get("/openapi.json")[1])
    assert {"/v1/chat/completions", "/v1/embeddings", "/v1/models", "/health/ready"} <= described["paths"].keys()
    status, page = served.get("/docs")
    assert status == 200 and b"/v1/chat/completions" in page
    assert served.get("/metrics")[0] == 401
    status, series = served.get("/metrics", served.key)
    assert status == 200 and b'ringfence_requests_total{endpoint="/v1/chat/completions",status="200"}' in series
    assert f'ringfence_tokens_total{{kind="completion",model="{MODEL}"}}'.encode() in series


ODD = [
    ({"stream": "yes"}, 400, "stream", "invalid_value"),
    ({"model": None}, 400, "model", "invalid_value"),
    ({"max_tokens": "2"}, 400, "max_tokens", "invalid_value"),
    ({"max_tokens": 0}, 400, "max_tokens", "invalid_value"),
    ({"temperature": -3}, 400, "temperature", "invalid_value"),
    ({"n": 0}, 400, "n", "invalid_value"),
    ({"messages": "hi"}, 400, "messages", "invalid_value"),
    ({"messages": []}, 400, "messages", "invalid_value"),
    ({"messages": [{"role": "wizard", "content": "x"}]}, 400, "messages[0].role", "invalid_value"),
    ({"top_logprobs": 50}, 400, "top_logprobs", "invalid_value"),
    ({"model": "nope"}, 404, "model", "model_not_found"),
    ({"messages": [{"role": "user", "content": "word " * 5000}]}, 400, "messages", "context_length_exceeded"),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("change", "status", "param", "code"), ODD, ids=[f"{next(iter(odd[0]))}-{odd[3]}-{n}" for n, odd in enumerate(ODD)]
)
def test_what_is_wrong_is_named(
    client: OpenAI, change: dict[str, object], status: int, param: str, code: str, stream: bool
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=MODEL, messages=QUESTION, stream=stream, extra_body=change)
    error = caught.value
    assert (error.status_code, error.param, error.code) == (status, param, code)
    assert error.type == "invalid_request_error"
    assert error.request_id and error.message


def test_a_missing_model_and_a_bad_schema_are_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as missing:
        client.post("/chat/completions", body={"messages": QUESTION}, cast_to=object)
    assert (missing.value.param, missing.value.code) == ("model", "missing_required_parameter")
    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(
            model=MODEL,
            messages=QUESTION,
            response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "wat"}}},
        )
    assert isinstance(bad.value.code, str)
