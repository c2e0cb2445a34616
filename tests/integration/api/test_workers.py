"""The whole appliance: four real workers in front of an instant engine."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from api import probe
from tests.integration.api import instant_engine
from tests.peers.cache import compiled_patterns

WORKERS = 4
AFFORDABLE = 60
SETTINGS = f"""\
[server]
port = {{port}}
drain_seconds = 5

[paths]
var = "{{var}}"
cache = "{compiled_patterns()}"

[privacy]
names = "off"

[limits.tenant]
money_per_month = {AFFORDABLE * instant_engine.TOKENS}

[limits.prices.{instant_engine.MODEL}]
completion = 1000

[[engines]]
name = "instant"
kind = "vllm"
models = ["{instant_engine.MODEL}"]
urls = ["{{url}}"]
"""
ASKED = {
    "model": instant_engine.MODEL,
    "messages": [{"role": "user", "content": "Is it up?"}],
    "max_tokens": instant_engine.TOKENS,
}


class Running:
    def __init__(self, process: Process, folder: Path, port: int) -> None:
        self.process = process
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.key = (folder / "var" / "admin.key").read_text().strip()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    async def ask(self, times: int) -> Counter[int]:
        """The statuses of so many requests, each on a connection of its own; 0 for one that was cut."""
        headers = {"authorization": f"Bearer {self.key}"}
        connector = aiohttp.TCPConnector(limit=16, force_close=True)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            return Counter(await asyncio.gather(*(self._ask(session) for _ in range(times))))

    async def _ask(self, session: aiohttp.ClientSession) -> int:
        try:
            async with session.post(f"{self.url}/v1/chat/completions", json=ASKED) as answer:
                await answer.read()
                return answer.status
        except aiohttp.ClientError:
            return 0

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)


async def ringfence(folder: Path, *arguments: str) -> Process:
    command = (sys.executable, "-c", "from api.cli import main; main()", "--config", "ringfence.toml", *arguments)
    with (folder / "log").open("ab") as log:
        return await create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=log)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with instant_engine.serving() as url:
        (folder / "ringfence.toml").write_text(SETTINGS.format(port=port, var=folder / "var", url=url))
        assert await (await ringfence(folder, "init")).wait() == 0
        process = await ringfence(folder, "serve", "--workers", str(WORKERS))
        try:
            async with asyncio.timeout(60):
                while (await probe.get(("127.0.0.1", port), "/health/ready"))[0] != 200:
                    await asyncio.sleep(0.1)
            yield Running(process, folder, port)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def verified(folder: Path) -> dict[str, object]:
    process = await ringfence(folder, "audit", "verify", "--json")
    out, _ = await process.communicate()
    report: dict[str, object] = json.loads(out)
    assert process.returncode == 0, report
    return report


@pytest.fixture
async def appliance(tmp_path: Path) -> AsyncIterator[Running]:
    async with served(tmp_path) as running:
        yield running


async def test_four_workers_spend_one_budget_and_write_one_ledger(appliance: Running) -> None:
    statuses = await appliance.ask(2 * AFFORDABLE)
    assert set(statuses) == {200, 429}
    assert 0 < statuses[200] <= AFFORDABLE
    assert await appliance.stop() == 0
    report = await verified(appliance.folder)
    assert isinstance(report["entries"], int)
    assert report["entries"] >= statuses[200]


async def test_a_killed_worker_costs_no_budget_and_no_ledger(appliance: Running) -> None:
    asking = asyncio.create_task(appliance.ask(4 * AFFORDABLE))
    await asyncio.sleep(0.2)
    victim = random.choice(appliance.workers())
    os.kill(victim, signal.SIGKILL)
    statuses = await asking
    assert statuses[200] <= AFFORDABLE
    assert statuses.keys() <= {0, 200, 429, 503}
    async with asyncio.timeout(20):
        while victim in appliance.workers() or len(appliance.workers()) < WORKERS:
            await asyncio.sleep(0.1)
    assert (await appliance.ask(5)).keys() <= {200, 429}
    assert await appliance.stop() == 0
    await verified(appliance.folder)
