"""Callers who go away, who are slow, who come too late, and who are not what they seem."""

import asyncio
import json
from pathlib import Path

import pytest

from appliance.errors import EngineFailed
from appliance.settings import Server
from inference.messages import Delta
from inference.twin import Fault, Pause, Twin
from tests.integration.api.conftest import Running, appliance

FOREVER = [Delta(content="a"), Pause(60), Delta(content="b")]


def request(running: Running, body: bytes, path: str = "/v1/chat/completions", close: bool = False) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {running.key}\r\n"
        f"content-length: {len(body)}\r\n{'connection: close' if close else 'x-a: b'}\r\n\r\n"
    )
    return head.encode() + body


def ask(**fields: object) -> bytes:
    return json.dumps({"model": "twin", "messages": [{"role": "user", "content": "x"}], **fields}).encode()


async def connect(running: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", running.port)


async def until(check, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_who_leaves_frees_the_engine_within_100_ms(tmp_path: Path, stream: bool) -> None:
    async with appliance(tmp_path, Twin(script=lambda _: FOREVER)) as running:
        reader, writer = await connect(running)
        writer.write(request(running, ask(stream=stream)))
        if stream:
            await reader.readuntil(b'"content":"a"')
        await until(lambda: running.twin.running == 1, 2)
        writer.close()
        await until(lambda: running.twin.running == 0, 0.1)
        await until(lambda: running.app.in_flight == 0, 0.1)


async def test_a_caller_who_takes_nothing_is_dropped_and_costs_no_memory(tmp_path: Path) -> None:
    played = 0

    class Steps(list[Delta]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal played
            for _ in range(2000):
                played += 1
                yield Delta(content="x" * 65536)

    async with appliance(tmp_path, Twin(script=lambda _: Steps()), server=Server(stall_seconds=0.5)) as running:
        _, writer = await connect(running)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(request(running, ask(stream=True)))
        await until(lambda: running.twin.running == 1, 2)
        await until(lambda: running.twin.running == 0, 5)
        assert running.app.in_flight == 0
        assert played * 65536 < 16 << 20, "only what the kernel and two small buffers hold was taken from the engine"
        writer.close()


async def test_a_body_that_never_ends_is_dropped(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), server=Server(stall_seconds=0.3)) as running:
        reader, writer = await connect(running)
        writer.write(request(running, ask())[:-10])
        await until(lambda: running.app.in_flight == 1, 2)
        await until(lambda: running.app.in_flight == 0, 4)
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408") and b'"code":"request_timeout"' in answer
        writer.close()


async def test_a_body_without_a_length_is_bounded_too(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), server=Server(body_limit=1000)) as running:
        reader, writer = await connect(running)
        writer.write(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {running.key}\r\n"
            "transfer-encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(4):
            writer.write(b"190\r\n" + b"x" * 400 + b"\r\n")
        assert await reader.readuntil(b"\r\n") == b"HTTP/1.1 413 Request Entity Too Large\r\n"
        writer.close()


async def test_while_draining_running_answers_end_and_new_requests_go_elsewhere(tmp_path: Path) -> None:
    script = [Delta(content="a"), Pause(0.4), Delta(content="b"), Delta(finish_reason="stop")]
    async with appliance(tmp_path, Twin(script=lambda _: script)) as running:
        reader, writer = await connect(running)
        writer.write(request(running, ask(stream=True), close=True))
        await reader.readuntil(b'"content":"a"')
        running.app.begin_drain()
        late_reader, late_writer = await connect(running)
        late_writer.write(request(running, ask()))
        refused = (await late_reader.read()).lower()
        assert refused.startswith(b"http/1.1 503")
        assert b"retry-after: 1" in refused and b"connection: close" in refused and b"shutting_down" in refused
        rest = await reader.read()
        assert b'"content":"b"' in rest and b"data: [DONE]" in rest
        writer.close()
        late_writer.close()


async def test_a_fault_of_ours_is_a_500_without_its_details(tmp_path: Path) -> None:
    class Broken(Twin):
        async def tokenize(self, call):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError("secret detail")

    async with appliance(tmp_path, Broken()) as running:
        reader, writer = await connect(running)
        writer.write(request(running, b'{"model":"twin","prompt":"x"}', "/tokenize", close=True))
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 500") and b"secret detail" not in answer
        assert b"internal_error" in answer
        writer.close()


async def test_an_error_event_ends_a_stream_without_done(tmp_path: Path) -> None:
    script = [Delta(content="a"), Fault(EngineFailed("It broke. Try again."))]
    async with appliance(tmp_path, Twin(script=lambda _: script)) as running:
        reader, writer = await connect(running)
        writer.write(request(running, ask(stream=True), close=True))
        answer = await reader.read()
        assert b'data: {"error":{"message":"It broke. Try again."' in answer
        assert b"[DONE]" not in answer
        assert answer.endswith(b"0\r\n\r\n"), "the stream itself must end in order, or clients report a lost connection"
        writer.close()


async def test_two_credentials_are_none(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin()) as running:
        reader, writer = await connect(running)
        doubled = request(running, ask(), close=True).replace(
            b"host: x\r\n", b"authorization: Bearer other\r\nhost: x\r\n"
        )
        writer.write(doubled)
        assert (await reader.read()).startswith(b"HTTP/1.1 401")
        writer.close()
