"""The ledger keeps its promises alike on SQLite and PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.audit.ledger import WAITING_BYTES, Entry, Ledger
from appliance.db import Database
from appliance.errors import LedgerUnavailable, StorageError, Unavailable
from appliance.migrations import runner
from appliance.settings import Audit
from tests.integration.appliance.ledgers import KEY, Site, entry, opened

AWAY = "ALTER TABLE ledger_blocks RENAME TO away"
BACK = "ALTER TABLE away RENAME TO ledger_blocks"


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(database_url, tmp_path) as site:
        yield site


async def until(true_soon: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not true_soon():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def refuses(ledger: Ledger) -> bool:
    try:
        ledger.ensure_writable()
    except LedgerUnavailable:
        return True
    return False


async def test_what_is_recorded_is_stored_within_the_batch_time(site: Site):
    async with site.ledger("w", Audit(batch_milliseconds=50)) as ledger:
        ledger.record("acme", entry("w", 1))
        await asyncio.sleep(0.5)
        [stored] = await site.entries()
    assert (stored["tenant"], stored["number"], stored["request_id"]) == ("acme", 1, "w-1")
    assert stored["writer"].startswith("w.")
    assert abs(stored["at"] / 1e6 - time.time()) < 60
    assert (await site.verify()).clean


async def test_one_commit_takes_all_that_waits(site: Site):
    async with site.ledger("w") as ledger:
        for number in range(500):
            ledger.record("acme", entry("w", number))
            ledger.record("other", entry("w", number))
    report = await site.verify()
    assert (report.findings, report.chains, report.blocks, report.entries) == ([], 2, 2, 1000)


async def test_strict_durability_waits_until_it_is_stored(site: Site):
    async with site.ledger("w", Audit(durability="strict")) as ledger:
        for number in range(20):
            ledger.record("acme", entry("w", number))
            await ledger.durable()
            assert len(await site.entries()) == number + 1


async def test_strict_callers_share_commits(site: Site):
    async with site.ledger("w", Audit(durability="strict")) as ledger:

        async def call(number: int) -> None:
            ledger.record("acme", entry("w", number))
            await ledger.durable()

        await asyncio.gather(*(call(number) for number in range(300)))
        report = await site.verify()
    assert report.entries == 300
    assert report.blocks <= 10


async def test_closing_stores_what_waits(site: Site):
    async with site.ledger("w", Audit(batch_milliseconds=100)) as ledger:
        ledger.record("acme", entry("w", 1))
    assert await site.requests() == ["w-1"]
    with pytest.raises(LedgerUnavailable):
        ledger.ensure_writable()


async def test_the_next_run_names_the_one_before(site: Site):
    for run in range(3):
        await site.write(f"w{run}", batches=2)
    assert (await site.verify()).clean
    # Only the last chain's end is left in the anchor; the others are vouched for by their successors.
    assert site.anchor.read_text().count('"writer"') == 1


@pytest.mark.parametrize("statement", ["UPDATE ledger_blocks SET count = 0", "DELETE FROM ledger_blocks"])
async def test_the_database_refuses_to_change_the_ledger(site: Site, statement: str):
    await site.write("w")
    with pytest.raises(DBAPIError, match="append-only"):
        await site.execute(statement)
    assert (await site.verify()).entries == 1


async def test_the_database_refuses_to_replace_or_empty_the_ledger(site: Site):
    await site.write("w")
    again = "INTO ledger_blocks SELECT * FROM ledger_blocks"
    statement = f"INSERT OR REPLACE {again}" if site.database.is_sqlite else "TRUNCATE ledger_blocks"
    with pytest.raises(DBAPIError, match="append-only"):
        await site.execute(statement)


async def test_the_migration_can_be_undone_and_done_again(site: Site):
    await site.write("w")
    await runner.downgrade(site.database, "0002_limits")
    await runner.upgrade(site.database)
    assert (await site.verify()).entries == 0


async def test_it_does_not_start_without_its_table(site: Site):
    await site.execute(AWAY)
    ledger = Ledger(site.database, Audit(), KEY, site.anchor, "w")
    with pytest.raises(StorageError):
        await ledger.start()
    assert refuses(ledger)
    await ledger.close()


async def test_it_does_not_start_with_a_damaged_anchor(site: Site):
    site.anchor.write_text("{}")
    ledger = Ledger(site.database, Audit(), KEY, site.anchor, "w")
    with pytest.raises(StorageError):
        await ledger.start()
    await ledger.close()


async def test_an_outage_refuses_and_ends_by_itself_without_loss(site: Site):
    async with site.ledger("w") as ledger:
        ledger.record("acme", entry("w", 0))
        await site.execute(AWAY)
        for number in range(1, 4):
            ledger.record("acme", entry("w", number))
            await asyncio.sleep(0.05)
        await until(lambda: refuses(ledger))
        await site.execute(BACK)
        await until(lambda: not refuses(ledger))
        await asyncio.sleep(0.3)
        assert await site.requests() == [f"w-{number}" for number in range(4)]
    assert (await site.verify()).clean


async def test_a_database_that_hangs_refuses_and_loses_nothing(site: Site):
    async with site.ledger("w") as ledger:
        ledger.record("acme", entry("w", 0))
        await asyncio.sleep(0.1)
        async with site.database.begin() as connection:  # on SQLite this alone keeps other writers out
            if not site.database.is_sqlite:
                await connection.execute(text("LOCK TABLE ledger_blocks"))
            ledger.record("acme", entry("w", 1))
            await until(lambda: refuses(ledger))
        await until(lambda: not refuses(ledger))
    assert await site.requests() == ["w-0", "w-1"]
    assert (await site.verify()).clean


async def test_its_commits_on_sqlite_reach_the_disk(tmp_path: Path):
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", tmp_path) as site:
        durable = site.database.durable()
        async with durable.begin() as connection:
            assert await connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
            assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        await durable.close()


async def test_a_strict_caller_is_refused_in_an_outage_and_its_entry_kept(site: Site):
    async with site.ledger("w", Audit(durability="strict")) as ledger:
        await site.execute(AWAY)
        ledger.record("acme", entry("w", 0))
        with pytest.raises(LedgerUnavailable):
            await ledger.durable()
        await site.execute(BACK)
        await until(lambda: not refuses(ledger))
        assert await site.requests() == ["w-0"]


async def test_an_anchor_that_cannot_be_written_refuses_too(site: Site):
    async with site.ledger("w") as ledger:
        new = site.anchor.with_name(site.anchor.name + ".new")
        new.mkdir()
        ledger.record("acme", entry("w", 0))
        await until(lambda: refuses(ledger))
        new.rmdir()
        await until(lambda: not refuses(ledger))
    assert (await site.verify()).clean


async def test_past_the_bound_entries_are_counted_and_the_gap_is_recorded(site: Site):
    filler = Entry(action="chat", details={f"n{i}": "x" * 128 for i in range(16)})
    async with site.ledger("w", Audit(batch_milliseconds=5, on_failure="continue")) as ledger:
        await site.execute(AWAY)
        for _ in range(WAITING_BYTES // 2000):
            ledger.record("acme", filler)
        ledger.ensure_writable()
        for number in range(7):
            ledger.record("acme", entry("w", number))
        ledger.record("other", entry("w", 7))
        await site.execute(BACK)
        while not await site.entries(tenant="other"):
            await asyncio.sleep(0.05)
        ledger.record("acme", entry("w", 99))
    acme = await site.entries(tenant="acme")
    assert [each["action"] for each in acme[-2:]] == ["gap", "chat"]
    # Every entry is either stored or counted.
    assert len(acme) - 2 + acme[-2]["details"]["dropped"] == WAITING_BYTES // 2000 + 7
    [gap] = await site.entries(tenant="other")
    assert gap["details"] == {"dropped": 1}
    assert (await site.verify()).clean


class Doubtful(Database):
    """Commits, and then reports that the connection broke."""

    doubts = 0

    def durable(self) -> Database:
        return self

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with super().begin() as connection:
            yield connection
        if self.doubts:
            self.doubts -= 1
            raise Unavailable("The connection broke. Try again.")


async def test_a_commit_of_unknown_outcome_is_neither_lost_nor_repeated(site: Site):
    database = Doubtful(site.database.url)
    ledger = Ledger(database, Audit(batch_milliseconds=5), KEY, site.anchor, "w")
    await ledger.start()
    for number in range(10):
        database.doubts = number % 3
        ledger.record("acme", entry("w", number))
        await asyncio.sleep(0.05)
    await until(lambda: not refuses(ledger))
    await ledger.close()
    assert await site.requests() == sorted(f"w-{number}" for number in range(10))
    assert (await site.verify()).clean


async def test_runs_of_one_name_never_share_a_chain(site: Site):
    async with site.ledger("w") as one, site.ledger("w") as two:
        for number in range(10):
            one.record("acme", entry("one", number))
            two.record("acme", entry("two", number))
            await asyncio.sleep(0.01)
    report = await site.verify()
    assert (report.findings, report.chains, report.entries) == ([], 2, 20)


async def test_verify_goes_on_beside_the_writers(site: Site):
    async with site.ledger("one") as one, site.ledger("two") as two:
        for number in range(30):
            one.record("acme", entry("one", number))
            two.record(f"tenant-{number}", entry("two", number))
            report = await site.verify()
            assert report.clean, report.findings


async def test_export_chooses_by_tenant_and_time(site: Site):
    await site.write("w", batches=3, tenant="acme")
    await site.write("w", batches=2, tenant="other")
    assert len(await site.entries()) == 5
    acme = await site.entries(tenant="acme")
    assert [each["number"] for each in acme] == [1, 2, 3]
    second = datetime.fromtimestamp(acme[1]["at"] / 1e6, UTC)
    assert await site.entries(tenant="acme", since=second) == acme[1:]
    assert await site.entries(tenant="acme", until=second) == acme[:1]
    assert await site.entries(since=second + timedelta(days=1)) == []


async def test_a_tenant_that_is_no_code_is_stored_as_a_digest(site: Site):
    async with site.ledger("w") as ledger:
        ledger.record("Anna Lang <anna@isp.example>", entry("w", 0))
    [stored] = await site.entries()
    assert stored["tenant"].startswith("~")
    assert (await site.verify()).clean
