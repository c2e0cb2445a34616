"""One engine on a GPU: what it takes, how fast it is behind Ringfence, and how it dies."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from statistics import median

import pytest
import pytest_asyncio

from appliance.gpus import Device, nvml
from appliance.settings import EngineSettings
from inference.vllm import Vllm
from inference.wire import Address
from tests.acceptance.conftest import Build
from tests.acceptance.product import alive, children_of, until, words_of
from tests.bench.tokens import Burst, Side, compare
from tests.gpu.rig import CLOSE, Rig, Server, over_two, serving
from tests.integration.inference.asking import call
from tests.peers.cache import Tell

ROUNDS = 3
STUCK = 3.0
FREED_SECONDS = 30.0


@pytest.fixture(scope="module")
def taken(rig: Rig, server: Server) -> tuple[Device, ...]:
    """The GPUs of the engine, as they were before it ran; none without a GPU."""
    return tuple(each for each in rig.machine.devices if rig.is_gpu and each.uuid in server.launch.devices)


@pytest_asyncio.fixture
async def engine(server: Server) -> AsyncIterator[Vllm]:
    settings = EngineSettings(name="gpu", kind="vllm", key=server.launch.key, stuck_seconds=STUCK)
    opened = Vllm(settings, Address.parse(server.url), "gpu")
    yield opened
    await opened.close()


def free(uuid: str) -> int:
    [device] = [each for each in nvml.devices() if each.uuid == uuid]
    assert device.free is not None
    return device.free


def test_the_cache_holds_what_the_fit_says(rig: Rig, server: Server) -> None:
    assert server.cache_tokens == pytest.approx(rig.cache_tokens(server.launch), rel=CLOSE)


def test_it_takes_its_share_of_the_gpu_and_no_more(server: Server, taken: tuple[Device, ...]) -> None:
    if not taken:
        pytest.skip("there is no GPU whose memory it could take")
    for device in taken:
        assert device.free is not None
        assert device.total is not None
        share = server.launch.case.load.utilization
        assert device.free - free(device.uuid) == pytest.approx(share * device.total, rel=CLOSE)


def test_it_is_as_fast_behind_ringfence(rig: Rig, server: Server, build: Build, tell: Tell) -> None:
    model = server.launch.case.model.name
    burst = Burst(rig.streams, 2, rig.max_tokens, {"ignore_eos": True, "temperature": 0})
    seat = {"name": "gpu", "kind": "vllm", "urls": [server.url], "key": server.launch.key}
    with build(engines=[seat]) as appliance:
        sides = (
            Side("direct", f"{server.url}/v1", model, server.launch.key),
            Side("through", f"{appliance.url}/v1", model, appliance.key),
        )
        results = asyncio.run(compare(*sides, burst, ROUNDS))
    direct, through = (median(each[side.name] for each in results) for side in sides)
    ratio = median(each["through"] / each["direct"] for each in results)
    tell(f"{burst.at_once} streams: {direct:,.1f} tokens/s, {through:,.1f} through Ringfence, {ratio:.3f}x")
    assert ratio >= rig.least_ratio


async def test_a_hung_engine_is_seen_though_it_says_it_is_well(server: Server, engine: Vllm) -> None:
    """Hung as engines hang: the process that computes stands still, and the one that answers goes on."""
    core = engine_core(server.pid)
    assert (await engine.health()).ready
    model = server.launch.case.model.name
    body = {"prompt": "on and on", "max_tokens": 3000, "ignore_eos": True}
    async with aclosing(engine.stream(call("completions", model, {**body, "stream": True}, stream=True))) as stream:
        await anext(stream)
        os.kill(core, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            while (await engine.health()).ready:
                assert time.monotonic() - stopped < STUCK + 15
                await asyncio.sleep(0.2)
        finally:
            os.kill(core, signal.SIGCONT)
        await anext(stream)
    begun = time.monotonic()
    while not (await engine.health()).ready:
        assert time.monotonic() - begun < STUCK + 15
        await asyncio.sleep(0.2)


def test_it_can_be_laid_over_two_gpus(rig: Rig, tmp_path: Path, tell: Tell) -> None:
    launch = over_two(rig)
    if launch is None:
        pytest.skip("there are no two GPUs of one kind that are free")
    with serving(rig, launch, tmp_path / "vllm.log", tell) as wide:
        assert wide.cache_tokens == pytest.approx(rig.cache_tokens(launch), rel=CLOSE)


def test_a_killed_engine_leaves_nothing_and_gives_its_memory_back(server: Server, taken: tuple[Device, ...]) -> None:
    """The last one: nothing is there for others afterwards."""
    family = [server.pid, *children_of(server.pid)]
    os.killpg(server.pid, signal.SIGKILL)
    until(lambda: not any(map(alive, family)), "its processes are gone", FREED_SECONDS)
    until(
        lambda: all(free(each.uuid) >= (each.free or 0) * (1 - CLOSE) for each in taken), "its memory is", FREED_SECONDS
    )


def engine_core(pid: int) -> int:
    """The process that computes; on the CPU here, it is also the one that answers."""
    return next((each for each in children_of(pid) if any("EngineCore" in word for word in words_of(each))), pid)
