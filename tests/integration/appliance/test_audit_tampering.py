"""Somebody with full rights on the database changes the ledger; `verify` says what and where."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from appliance.audit.report import Report, verify
from appliance.errors import StorageError
from appliance.settings import Audit
from appliance.tables import LedgerBlocks
from tests.integration.appliance.ledgers import Site, entry, opened

FIRST = "(SELECT MIN(writer) FROM ledger_blocks WHERE tenant = 'acme')"
LAST = "(SELECT MAX(writer) FROM ledger_blocks WHERE tenant = 'acme')"
COLUMNS = "tenant, writer, sequence, first, count, earliest, latest, previous, parents, tags, body, mac"


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Two runs one after the other, the second still at the end; and a tenant beside them."""
    async with opened(database_url, tmp_path) as site:
        await site.write("one", batches=3, each=2)
        await site.write("two", batches=4, each=2)
        await site.write("two", tenant="other")
        assert (await site.verify()).clean
        await site.disarm()
        yield site


def seen(report: Report) -> list[tuple[str, str, int, int | None]]:
    return [(each.kind, each.writer.split(".")[0], each.sequence, each.entry) for each in report.findings]


async def test_an_altered_entry(site: Site):
    async with site.database.read() as connection:
        found = await connection.execute(select(LedgerBlocks.body).where(LedgerBlocks.sequence == 3))
        [body] = [body for (body,) in found if b"two-4" in body]
    changed = body.replace(b"two-4", b"two-9")
    await site.execute("UPDATE ledger_blocks SET body = :new WHERE body = :old", old=body, new=changed)
    assert seen(await site.verify()) == [("altered", "two", 3, 5)]


async def test_an_altered_number(site: Site):
    change = f"UPDATE ledger_blocks SET latest = latest + 1 WHERE writer = {FIRST} AND sequence = 2"
    await site.execute(change)
    assert seen(await site.verify()) == [("altered", "one", 2, None)]


async def test_a_deleted_block(site: Site):
    await site.execute(f"DELETE FROM ledger_blocks WHERE writer = {LAST} AND sequence = 2")
    assert seen(await site.verify()) == [("missing", "two", 2, 3)]


async def test_a_cut_tail(site: Site):
    await site.execute(f"DELETE FROM ledger_blocks WHERE writer = {LAST} AND sequence > 2")
    assert seen(await site.verify()) == [("truncated", "two", 3, 5)]


async def test_a_cut_tail_of_an_earlier_run(site: Site):
    await site.execute(f"DELETE FROM ledger_blocks WHERE writer = {FIRST} AND sequence > 2")
    assert seen(await site.verify()) == [("truncated", "one", 3, 5)]


async def test_an_earlier_run_removed(site: Site):
    await site.execute(f"DELETE FROM ledger_blocks WHERE tenant = 'acme' AND writer = {FIRST}")
    assert seen(await site.verify()) == [("truncated", "one", 1, 1)]


async def test_the_newest_run_removed(site: Site):
    await site.execute(f"DELETE FROM ledger_blocks WHERE tenant = 'acme' AND writer = {LAST}")
    # What vouched for the end of the earlier run is gone with it.
    assert seen(await site.verify()) == [("truncated", "two", 1, 1), ("unknown", "one", 0, None)]


async def test_a_whole_tenant_removed(site: Site):
    await site.execute("DELETE FROM ledger_blocks WHERE tenant = 'other'")
    [finding] = (await site.verify()).findings
    assert (finding.kind, finding.tenant) == ("truncated", "other")


async def test_everything_removed(site: Site):
    await site.execute("DELETE FROM ledger_blocks")
    assert {each.tenant for each in (await site.verify()).findings} == {"acme", "other"}


async def test_two_blocks_change_places(site: Site):
    swap = f"UPDATE ledger_blocks SET sequence = :to WHERE writer = {LAST} AND sequence = :from"
    for start, to in ((1, 99), (2, 1), (99, 2)):
        await site.execute(swap, **{"from": start, "to": to})
    assert seen(await site.verify())[:2] == [("reordered", "two", 1, 3), ("reordered", "two", 2, 1)]


async def test_a_copied_block(site: Site):
    copied = COLUMNS.replace("sequence", "5")
    await site.execute(
        f"INSERT INTO ledger_blocks ({COLUMNS}) SELECT {copied} FROM ledger_blocks"
        f" WHERE writer = {LAST} AND sequence = 2"
    )
    assert seen(await site.verify()) == [("duplicated", "two", 5, 3)]


async def test_another_tenants_block(site: Site):
    copied = COLUMNS.replace("tenant", "'other'")
    await site.execute(
        f"INSERT INTO ledger_blocks ({COLUMNS}) SELECT {copied} FROM ledger_blocks WHERE writer = {LAST}"
    )
    findings = (await site.verify()).findings
    assert {(each.kind, each.tenant) for each in findings} == {("altered", "other"), ("unknown", "other")}


async def test_a_chain_that_nothing_vouches_for(site: Site):
    """Written with the right key, and all memory of it taken from the anchor."""
    before = site.anchor.read_bytes()
    await site.write("three", tenant="third")
    site.anchor.write_bytes(before)
    [finding] = (await site.verify()).findings
    assert (finding.kind, finding.tenant, finding.writer.split(".")[0]) == ("unknown", "third", "three")


async def test_an_anchor_that_is_behind_is_no_damage(site: Site):
    """As after a kill between the commit and the anchor."""
    async with site.ledger("four", Audit(durability="strict")) as ledger:
        for number in range(3):
            before = site.anchor.read_bytes()
            ledger.record("acme", entry("four", number))
            await ledger.durable()
    assert site.anchor.read_bytes() != before
    site.anchor.write_bytes(before)
    assert (await site.verify()).clean
    # The next run vouches for what the anchor had missed.
    await site.write("five")
    assert (await site.verify()).clean
    await site.execute("DELETE FROM ledger_blocks WHERE writer LIKE 'four.%' AND sequence = 3")
    assert seen(await site.verify()) == [("truncated", "four", 3, 3)]


@pytest.mark.parametrize("change", [lambda content: b"", lambda content: content[:-9], lambda _: b"[]"])
async def test_a_damaged_anchor(site: Site, change):
    site.anchor.write_bytes(change(site.anchor.read_bytes()))
    assert [each.kind for each in (await site.verify()).findings] == ["anchor"]


async def test_a_removed_anchor(site: Site):
    site.anchor.unlink()
    assert [each.kind for each in (await site.verify()).findings] == ["anchor"]
    # Going on without it does not hide that it is gone.
    await site.write("six")
    assert {each.kind for each in (await site.verify()).findings} == {"unknown"}


async def test_another_key(site: Site):
    report = await verify(site.database, b"another key", [site.anchor])
    assert {each.kind for each in report.findings} == {"anchor", "altered"}


async def test_a_damaged_entry_is_not_exported(site: Site):
    change = f"UPDATE ledger_blocks SET body = :new WHERE writer = {LAST}"
    await site.execute(change, new=b'{"at":"Anna Lang"}')
    with pytest.raises(StorageError, match="audit verify"):
        await site.entries()


async def test_values_of_another_type(tmp_path: Path):
    """Only SQLite takes them."""
    async with opened(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", tmp_path) as site:
        await site.write("w")
        await site.disarm()
        await site.execute("UPDATE ledger_blocks SET body = 'text', sequence = 'text'")
        report = await site.verify()
    assert [each.kind for each in report.findings] == ["altered"]
    assert not report.complete
