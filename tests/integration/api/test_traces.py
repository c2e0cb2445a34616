"""What a collector learns of a request, and what it must not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from appliance.errors import EngineFailed
from appliance.settings import Trace
from inference.messages import Delta
from inference.twin import Fault, Twin
from tests.integration.api.conftest import Running, appliance
from tests.integration.collector import Collector, attributes, collecting

ASKED: dict[str, Any] = {"model": "twin", "messages": [{"role": "user", "content": "Call Anna Lang"}]}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED = 1


@asynccontextmanager
async def traced(var: Path, twin: Twin, collector: Collector) -> AsyncIterator[Running]:
    """At the end, everything that was traced has arrived."""
    async with appliance(var, twin, trace=Trace(endpoint=collector.url)) as running:
        yield running


def only(collector: Collector) -> tuple[Span, dict[str, object]]:
    [span] = collector.spans
    return span, attributes(span)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_is_one_span_under_the_callers(tmp_path: Path, stream: bool) -> None:
    async with collecting() as collector:
        async with traced(tmp_path, twin := Twin(), collector) as running:
            answer = await running.client().chat.completions.create(
                **ASKED,
                stream=stream,
                user="anna",
                extra_headers={"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "mine-1"},
            )
            async for _ in answer if stream else no_chunks():
                pass
        span, known = only(collector)
    assert (span.name, span.kind) == ("chat twin", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.end_time_unix_nano > span.start_time_unix_nano
    assert span.status.code == Status.STATUS_CODE_UNSET
    assert known.pop("gen_ai.usage.input_tokens") > 0  # type: ignore[operator]
    assert known == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ringfence",
        "gen_ai.request.model": "twin",
        "gen_ai.response.model": "twin",
        "gen_ai.usage.output_tokens": 4,
        "http.response.status_code": 200,
        "ringfence.engine": "twin",
        "ringfence.request_id": "mine-1",
        "ringfence.tenant": "default",
        **({"gen_ai.request.stream": True} if stream else {}),
    }
    assert twin.calls[0].traceparent == f"00-{TRACE}-{span.span_id.hex()}-01"


async def test_a_request_without_a_trace_begins_one(tmp_path: Path) -> None:
    async with collecting() as collector:
        async with traced(tmp_path, twin := Twin(), collector) as running:
            await running.client().embeddings.create(model="twin", input="Call Anna Lang")
        span, known = only(collector)
    assert span.parent_span_id == b""
    _, trace, parent, flags = twin.calls[0].traceparent.split("-")
    assert (trace, parent) == (span.trace_id.hex(), span.span_id.hex())
    assert int(flags, 16) & SAMPLED
    assert known["gen_ai.operation.name"] == "embeddings"


async def test_who_says_not_to_record_is_heeded_by_the_engine_too(tmp_path: Path) -> None:
    async with collecting() as collector:
        async with traced(tmp_path, twin := Twin(), collector) as running:
            not_sampled = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
            await running.client().chat.completions.create(**ASKED, extra_headers=not_sampled)
        assert collector.spans == []
    assert twin.calls[0].traceparent.startswith(f"00-{TRACE}-")
    assert twin.calls[0].traceparent.endswith("-00")


@pytest.mark.parametrize(
    ("key", "model", "code", "status"),
    [
        ("rf_wrong", "twin", "invalid_api_key", 401),
        (None, "Anna Lang's model", "model_not_found", 404),
    ],
)
async def test_a_refusal_is_a_span_without_a_model(
    tmp_path: Path, key: str | None, model: str, code: str, status: int
) -> None:
    async with collecting() as collector:
        async with traced(tmp_path, Twin(), collector) as running:
            with pytest.raises(openai.APIStatusError):
                client = running.client(api_key=key or running.key)
                await client.chat.completions.create(**{**ASKED, "model": model})
        span, known = only(collector)
    assert span.name == "chat"
    assert (known["error.type"], known["http.response.status_code"]) == (code, status)
    assert "gen_ai.request.model" not in known
    assert span.status.code == Status.STATUS_CODE_UNSET


async def test_a_stream_that_breaks_is_a_failure(tmp_path: Path) -> None:
    twin = Twin(script=lambda body: [Delta(content="a"), Fault(EngineFailed("It broke. Try again."))])
    async with collecting() as collector:
        async with traced(tmp_path, twin, collector) as running:
            stream = await running.client().chat.completions.create(**ASKED, stream=True)
            with pytest.raises(openai.APIError):
                async for _ in stream:
                    pass
        span, known = only(collector)
    assert (known["error.type"], span.status.code) == ("engine_failed", Status.STATUS_CODE_ERROR)


async def test_nothing_of_what_was_said_or_of_who_said_it_leaves(tmp_path: Path) -> None:
    async with collecting() as collector:
        async with traced(tmp_path, Twin(), collector) as running:
            client = running.client()
            await client.chat.completions.create(**ASKED, user="anna", extra_headers={"x-session-id": "anna-1"})
            with pytest.raises(openai.NotFoundError):
                await client.chat.completions.create(**{**ASKED, "model": "Anna Lang's model"})
            with pytest.raises(openai.BadRequestError):
                await client.chat.completions.create(**ASKED, temperature="Anna Lang")  # type: ignore[arg-type]
            key = running.key
        sent = b"".join(collector.bodies)
    assert len(collector.spans) == 3
    for secret in (b"anna", b"Lang", b"Call", key.encode(), key.split("_")[1][:8].encode()):
        assert secret not in sent
    assert b"Anna" not in sent


async def no_chunks() -> AsyncIterator[None]:
    return
    yield
