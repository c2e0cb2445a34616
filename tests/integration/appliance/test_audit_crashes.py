"""Several processes write one ledger, and are killed: it opens, verifies, and holds what was acknowledged."""

import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.errors import LedgerUnavailable
from appliance.settings import Audit
from tests.integration.appliance.ledger_process import LedgerProcess
from tests.integration.appliance.ledgers import Site, entry, opened

WRITERS = 4


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(database_url, tmp_path) as site:
        yield site


async def stored_by(site: Site) -> Counter[str]:
    return Counter(each["request_id"].rsplit("-", 1)[0] for each in await site.entries())


async def test_four_processes_write_at_once(site: Site):
    processes = [LedgerProcess(site, f"w{n}", "batch", 2000) for n in range(WRITERS)]
    assert [process.acknowledged() for process in processes] == [2000] * WRITERS
    assert [process.exit_code for process in processes] == [0] * WRITERS
    requests = await site.requests()
    assert requests == sorted(f"w{n}-{number}" for n in range(WRITERS) for number in range(2000))
    report = await site.verify()
    assert (report.findings, report.chains, report.entries) == ([], 3 * WRITERS, 2000 * WRITERS)


async def test_kills_at_random_moments_leave_a_ledger_that_verifies(site: Site):
    acknowledged: dict[str, int] = {}
    for attempt in range(8 if site.database.is_sqlite else 3):
        processes = {
            f"a{attempt}w{n}": LedgerProcess(site, f"a{attempt}w{n}", "strict" if n % 2 else "batch")
            for n in range(WRITERS)
        }
        if attempt % 2 == 0:  # else they may die before they begin
            processes[f"a{attempt}w1"].wait_until_writing()
        for label, process in processes.items():
            time.sleep(random.random() / 4)
            process.kill()
            acknowledged[label] = process.acknowledged()
            assert process.exit_code == -signal.SIGKILL
        report = await site.verify()
        assert report.findings == [], report.findings
    stored = await stored_by(site)
    assert sum(acknowledged.values()) > 0
    assert {label: n for label, n in acknowledged.items() if stored[label] < n} == {}
    # The next run takes up what the dead left behind.
    await site.write("after", tenant="tenant-0")
    assert (await site.verify()).clean


async def test_broken_connections_lose_and_repeat_nothing(postgres_url: str, tmp_path: Path):
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    async with opened(postgres_url, tmp_path) as site:
        async with site.ledger("w", Audit(durability="strict")) as ledger:
            for number in range(300):
                ledger.record("acme", entry("w", number))
                if number % 30 == 29:
                    async with site.database.begin() as connection:
                        await connection.execute(others)
                with suppress(LedgerUnavailable):
                    await ledger.durable()
        assert await site.requests() == sorted(f"w-{number}" for number in range(300))
        assert (await site.verify()).clean
