"""vLLM's adapter against a server that answers byte for byte as vLLM does, and as it does when it is unwell."""

import asyncio

import pytest

from appliance.errors import EngineFailed, InvalidRequest
from appliance.privacy.scrubbed import own
from appliance.settings import EngineSettings
from inference.messages import Call
from inference.vllm import Vllm
from inference.wire import Address
from tests.integration.inference.scripted_server import END, STREAM, Handler, chunk, plain, read_request, serving

DELTA = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'
USAGE = b'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"
BODY = b'{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}'
CALL = Call(task="chat", model="m", scrubbed=own(BODY), stream=True, salt="default", request_id="req_1")
MODELS = plain(b'{"data":[{"id":"m"}]}')
METRICS = plain(b'vllm:num_requests_running{engine="0"} 1.0\nvllm:generation_tokens_total{engine="0"} 5.0\n')


def vllm(url: str, **settings: float) -> Vllm:
    return Vllm(EngineSettings(name="vllm", kind="vllm", urls=(url,), **settings), Address.parse(url), "vllm")  # type: ignore[arg-type]


def streaming(*pieces: bytes, seconds: float = 0.0) -> tuple[Handler, list[int]]:
    """A server that sends these pieces one by one; and how often somebody connected."""
    connections: list[int] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while (await read_request(reader))[0]:
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(seconds)

    return handler, connections


async def test_a_connection_is_used_again_after_a_stream() -> None:
    handler, connections = streaming(STREAM, chunk(DELTA), chunk(USAGE), chunk(DONE), END, seconds=0.001)
    async with serving(handler) as url:
        engine = vllm(url)
        for _ in range(3):
            assert [part.usage is not None async for part in engine.stream(CALL)] == [False, True]
        await engine.close()
    assert len(connections) == 1


async def test_a_stream_that_is_over_does_not_wait_for_its_last_byte() -> None:
    handler, _ = streaming(STREAM, chunk(DELTA), chunk(USAGE + DONE), END, seconds=0.5)
    async with serving(handler) as url:
        engine = vllm(url)
        async with asyncio.timeout(1.3):
            assert len([part async for part in engine.stream(CALL)]) == 2
        await engine.close()


async def test_the_reason_of_a_broken_stream_is_told() -> None:
    error = b'data: {"error": {"message": "EngineCore died.", "code": 500}}\n\n'
    handler, _ = streaming(STREAM, chunk(DELTA + error + DONE), END)
    async with serving(handler) as url:
        engine = vllm(url)
        with pytest.raises(EngineFailed, match=r"EngineCore died\. Try again"):
            _ = [part async for part in engine.stream(CALL)]
        await engine.close()


async def test_a_parameter_that_is_no_text_is_left_out() -> None:
    handler, _ = streaming(plain(b'{"error":{"message":"no","param":["a",1]}}', "400 Bad Request"))
    async with serving(handler) as url:
        engine = vllm(url)
        with pytest.raises(InvalidRequest) as caught:
            _ = [part async for part in engine.stream(CALL)]
        assert caught.value.param is None
        await engine.close()


async def test_a_full_engine_is_a_well_engine() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await read_request(reader))[0]:
            if head.startswith(b"POST"):
                writer.write(STREAM + chunk(DELTA))
            else:
                writer.write(METRICS if b" /metrics " in head else MODELS)

    async with serving(handler) as url:
        engine = vllm(url, connections=1)
        answer = engine.stream(CALL)
        await anext(answer)
        health = await engine.health()
        assert (health.ready, health.reason) == (True, "")
        await answer.aclose()
        await engine.close()
