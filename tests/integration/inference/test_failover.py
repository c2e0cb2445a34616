"""A request that breaks an engine stays with that engine; one that no engine took moves on."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from appliance.errors import EngineFailed
from appliance.privacy.scrubbed import own
from appliance.settings import EngineSettings
from inference import converse
from inference.messages import Call
from inference.routing import Seat
from inference.vllm import Vllm
from inference.wire import Address
from tests.integration.inference.scripted_server import address, listening, plain, read_request

LATER = 0.3  # more than an engine needs to tell us that it had closed a connection
POISON = b"poison"
ANSWER = plain(b'{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}')


@dataclass
class Scripted:
    """Answers, until it is given poison: then it breaks all connections after a while, and may be gone for good."""

    seconds: float = 0.0
    dies: bool = False
    keeps: bool = True
    seen: list[bytes] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader))[0]:
            self.seen.append(request[1])
            if POISON in request[1]:
                await asyncio.sleep(self.seconds)
                if self.dies and self.server:
                    self.server.close()
                return
            writer.write(ANSWER)
            if not self.keeps:
                return  # hangs up, without having said that it would


class Pair:
    """Two engines that serve the same model; the first is asked first."""

    def __init__(self, first: Vllm, second: Vllm) -> None:
        self.first, self.second = first, second

    async def ask(self, text: bytes) -> str:
        call = Call(task="chat", model="m", scrubbed=own(b'{"model":"m","prompt":"%b"}' % text))
        seats = [Seat(self.first), Seat(self.second)]

        async def replan() -> list[Seat]:
            raise AssertionError("nobody leaves here")

        [name] = [seat.engine.name async for seat, _ in converse.run(seats, call, replan)]
        return name


async def pair(stack: AsyncExitStack, first: Scripted, second: Scripted) -> Pair:
    engines = []
    for name, script in (("first", first), ("second", second)):
        script.server = await stack.enter_async_context(listening(script.handle))
        url = address(script.server)
        engine = Vllm(EngineSettings(name=name, kind="vllm", urls=(url,)), Address.parse(url), name)
        stack.push_async_callback(engine.close)
        engines.append(engine)
    return Pair(*engines)


@pytest.mark.parametrize("seconds", [0.0, LATER])
@pytest.mark.parametrize("dies", [False, True])
async def test_what_breaks_an_engine_on_a_new_connection_is_not_tried_again(seconds: float, dies: bool) -> None:
    first, second = Scripted(seconds, dies), Scripted()
    async with AsyncExitStack() as stack:
        engines = await pair(stack, first, second)
        with pytest.raises(EngineFailed, match="first broke the connection"):
            await engines.ask(POISON)
    assert len(first.seen) == 1
    assert second.seen == []


@pytest.mark.parametrize(("seconds", "dies", "tries"), [(0.0, False, 2), (0.0, True, 1), (LATER, False, 1)])
async def test_what_breaks_an_engine_on_a_used_connection_never_reaches_another(
    seconds: float, dies: bool, tries: int
) -> None:
    """Lost at once it looks like a connection that was closed before: the same engine may get it once more."""
    first, second = Scripted(seconds, dies), Scripted()
    async with AsyncExitStack() as stack:
        engines = await pair(stack, first, second)
        assert await engines.ask(b"hello") == "first"
        with pytest.raises(EngineFailed, match="first broke the connection"):
            await engines.ask(POISON)
    assert sum(POISON in body for body in first.seen) == tries
    assert second.seen == []


async def test_a_connection_that_was_closed_before_costs_nobody_an_answer() -> None:
    first, second = Scripted(keeps=False), Scripted()
    async with AsyncExitStack() as stack:
        engines = await pair(stack, first, second)
        assert [await engines.ask(b"hello") for _ in range(5)] == ["first"] * 5
    assert len(first.seen) == 5
    assert second.seen == []


async def test_an_engine_that_is_not_there_hands_over() -> None:
    first, second = Scripted(), Scripted()
    async with AsyncExitStack() as stack:
        engines = await pair(stack, first, second)
        assert first.server is not None
        first.server.close()
        assert await engines.ask(b"hello") == "second"
    assert first.seen == []
