"""Four real processes ask for one limit as fast as they can."""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import Process

import pytest

from appliance.limits.budget import Kind
from tests.integration.appliance.workers import NOON, office

PROCESSES = 4

Span = tuple[float, float]


async def start(url: str, kind: Kind, limit: int, seconds: float, quiet: float) -> list[Process]:
    arguments = (url, str(kind), str(limit), str(time.time() - NOON), str(seconds), str(quiet))
    return [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.appliance.hammer", *arguments, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]


async def spans(process: Process) -> list[Span]:
    output, _ = await process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    lines = (line.split() for line in output.decode().splitlines())
    return [(float(begun), float(ended)) for begun, ended in lines]


def most_at_once(spans: list[Span]) -> int:
    changes = sorted([(begun, 1) for begun, _ in spans] + [(ended, -1) for _, ended in spans])
    running = most = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most


@pytest.mark.parametrize(("kind", "limit"), [(Kind.REQUESTS, 10), (Kind.SESSION, 3000)], ids=str)
async def test_all_of_a_limit_is_admitted_and_never_more(database_url: str, kind: Kind, limit: int) -> None:
    async with office(database_url):
        processes = await start(database_url, kind, limit, seconds=30, quiet=2)
        admitted = [await spans(process) for process in processes]
    assert sum(len(each) for each in admitted) == limit


async def test_requests_at_once_stay_within_the_limit_when_processes_are_killed(database_url: str) -> None:
    async with office(database_url):
        # None goes because the others left it nothing for a while.
        processes = await start(database_url, Kind.CONCURRENT, 5, seconds=6, quiet=6)
        readers = [asyncio.create_task(spans(process)) for process in processes]
        await asyncio.sleep(3)
        for process in processes[:2]:
            process.kill()
        admitted = [span for reader in readers for span in await reader]
    assert most_at_once(admitted) == 5
    # What the killed ones held is in use again.
    end = max(ended for _, ended in admitted)
    assert most_at_once([span for span in admitted if span[0] > end - 2]) == 5
