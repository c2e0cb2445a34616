import asyncio
import logging
import socket

import pytest

from appliance.errors import EngineUnavailable
from appliance.settings import EngineSettings
from inference.discovery import Discovery
from inference.fleet import Fleet
from inference.twin import Twin

ENGINE = EngineSettings(name="d", kind="vllm", discover="http://servers:8000")


class Zone:
    """What a name resolves to, and the servers that were found there."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: frozenset[str] | OSError = frozenset(addresses)
        self.servers: dict[str, Twin] = {}
        self.asked: list[str] = []
        self.fleet = Fleet([], 0.01, sources=[Discovery(ENGINE, self._connect, self._resolve, 0.01)])

    async def _resolve(self, name: str) -> frozenset[str]:
        self.asked.append(name)
        if isinstance(self.addresses, OSError):
            raise self.addresses
        return self.addresses

    def _connect(self, address: str, number: int) -> Twin:
        made = self.servers[address] = Twin(f"d-{number}", ["m"])
        made.group = "d"
        return made

    async def until(self, *addresses: str) -> None:
        wanted = {self.servers[each].name for each in addresses if each in self.servers}
        async with asyncio.timeout(10):
            while {seat.engine.name for seat in self.fleet.seats} != wanted or len(wanted) != len(addresses):
                await asyncio.sleep(0.005)
                wanted = {self.servers[each].name for each in addresses if each in self.servers}


async def test_each_address_is_a_server() -> None:
    zone = Zone("10.0.0.1", "10.0.0.2")
    await zone.fleet.start()
    assert set(zone.asked) == {"servers"}
    assert [seat.engine.name for seat in zone.fleet.seats] == ["d-1", "d-2"]
    assert zone.fleet.waits_for == []
    assert zone.fleet.standings().keys() == {"d"}
    await zone.fleet.close()


async def test_servers_come_and_go_with_the_name() -> None:
    zone = Zone("10.0.0.1", "10.0.0.2")
    await zone.fleet.start()
    first = zone.fleet.seats[0]
    first.in_flight = 1
    zone.addresses = frozenset({"10.0.0.2", "fd00::3"})
    async with asyncio.timeout(10):
        while not first.leaving:
            await asyncio.sleep(0.005)
    assert [seat.engine.name for seat in await zone.fleet.plan("m", "chat", "acme")] == ["d-2", "d-3"]
    assert zone.servers["10.0.0.1"].down is None
    first.release()
    await zone.until("10.0.0.2", "fd00::3")
    assert zone.servers["10.0.0.1"].down == "it is closed"
    await zone.fleet.close()


async def test_there_is_always_somebody_to_answer_when_all_servers_are_others() -> None:
    zone = Zone("10.0.0.1")
    await zone.fleet.start()
    zone.addresses = frozenset({"10.0.0.2"})
    async with asyncio.timeout(10):
        while "10.0.0.2" not in zone.servers or zone.servers["10.0.0.1"].down is None:
            assert await zone.fleet.plan("m", "chat", "acme")
            await asyncio.sleep(0)
    await zone.fleet.close()


async def test_what_was_known_stays_when_a_lookup_fails_which_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    zone = Zone("10.0.0.1")
    await zone.fleet.start()
    zone.addresses = socket.gaierror(-3, "Temporary failure in name resolution")
    with caplog.at_level(logging.WARNING):
        asked = len(zone.asked)
        async with asyncio.timeout(10):
            while len(zone.asked) < asked + 5:
                await asyncio.sleep(0.005)
    assert [seat.engine.name for seat in zone.fleet.seats] == ["d-1"]
    assert ["cannot be looked up" in record.message for record in caplog.records] == [True]
    await zone.fleet.close()


async def test_without_an_address_nobody_knows_which_models_there_are() -> None:
    zone = Zone()
    await zone.fleet.start()
    with pytest.raises(EngineUnavailable, match="d: its name has no address"):
        await zone.fleet.plan("m", "chat", "acme")
    assert zone.fleet.waits_for == ["d: its name has no address"]
    zone.addresses = frozenset({"10.0.0.1"})
    await zone.until("10.0.0.1")
    await zone.fleet.seats[0].looked.wait()
    assert zone.fleet.waits_for == []
    await zone.fleet.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
