import asyncio

from appliance.settings import EngineSettings, Settings
from inference.discovery import resolve
from inference.engines import open_engines, open_sources
from inference.fleet import Fleet
from inference.vllm import Vllm
from tests.integration.inference.scripted_server import plain, read_request, serving


async def test_a_name_is_looked_up_by_the_system() -> None:
    assert "127.0.0.1" in await resolve("localhost")


async def test_the_servers_behind_a_real_name_answer_under_it() -> None:
    hosts: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := (await read_request(reader))[0]:
            hosts.append(head.split(b"\r\n")[1])
            path = head.split(b" ", 2)[1]
            writer.write(plain(b'{"data":[{"id":"m"}]}' if path == b"/v1/models" else b'{"usage":{}}'))

    async with serving(handler) as url:
        here = url.replace("127.0.0.1", "localhost")
        settings = Settings(engines=(EngineSettings(name="d", kind="vllm", discover=here),))
        fleet = Fleet(open_engines(settings), sources=open_sources(settings, "w"))
        await fleet.start()
        [seat] = await fleet.plan("m", "chat", "acme")
        assert isinstance(seat.engine, Vllm)
        assert seat.engine.name.startswith("d-")
        await fleet.close()
    assert set(hosts) == {here.replace("http://", "host: ").encode()}
