"""What a worker's socket takes from a client that is too large or too slow."""

import asyncio
import os
import select
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvloop

from api import listener
from appliance.settings import Server
from tests.integration.api.tiny_worker import TinyApp


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(listener.serve(TinyApp(), [listening], Server(drain_seconds=1)))
        yield listening.getsockname()
        os.kill(os.getpid(), signal.SIGTERM)
        await task


async def answer_to(address: tuple[str, int], *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


async def test_a_request_is_answered() -> None:
    async with serving() as address:
        answer = await answer_to(address, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answer.lower()


async def test_a_head_without_end_is_refused() -> None:
    async with serving() as address:
        endless = [b"GET / HTTP/1.1\r\nx: "] + [b"a" * 8192] * 64
        answer = await answer_to(address, *endless)
    assert answer.startswith(b"HTTP/1.1 431") or answer == b"reset"


async def test_a_body_may_be_larger_than_a_head() -> None:
    size = listener.HEAD_BYTES * 4
    head = f"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n".encode()
    async with serving() as address:
        answer = await answer_to(address, head, *[b"a" * 8192] * (size // 8192))
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n"])
async def test_a_slow_head_is_cut(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEAD_SECONDS", 0.3)
    async with serving() as address:
        assert await answer_to(address, begun) == b""


async def test_a_slow_second_head_is_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEAD_SECONDS", 0.3)
    async with serving() as address:
        answer = await answer_to(address, b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nho")
    assert answer.count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize("offer", [b"Upgrade: h2c", b"upgrade: websocket"])
async def test_an_offer_to_upgrade_costs_no_request_its_body(offer: bytes) -> None:
    """Java's own client offers HTTP/2 with every request in the clear."""
    head = b"POST / HTTP/1.1\r\nhost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\n%b\r\n" % offer
    async with serving() as address:
        answer = await answer_to(address, head + b"content-length: 11\r\n\r\nhello world")
    assert answer.startswith(b"HTTP/1.1 200") and b'"size": 11' in answer


def test_many_callers_are_taken_in_one_turn_of_a_busy_loop() -> None:
    """The loop of the product, which by itself takes one."""
    callers, request = 120, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

    async def turns_until_all_are_answered() -> int:
        async with serving() as address:
            await answer_to(address, request)
            waiting = {socket.create_connection(address) for _ in range(callers)}
            for each in waiting:
                each.sendall(request)
                each.setblocking(False)
            turns = 0
            while waiting:
                turns += 1
                await asyncio.sleep(0)
                time.sleep(0.005)  # a busy turn
                for each in select.select(waiting, [], [], 0)[0]:
                    waiting.discard(each)
                    each.close()
        return turns

    assert uvloop.run(turns_until_all_are_answered()) < callers / 2
