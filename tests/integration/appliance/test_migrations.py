import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from appliance.db import Database
from appliance.errors import SchemaMismatch, Unavailable
from appliance.migrations.runner import downgrade, upgrade
from appliance.revisions import HEAD, REVISIONS, ensure_current, status
from appliance.tables import Table


@pytest.fixture
async def empty(database_url):
    database = Database(database_url)
    yield database
    await database.close()


async def tables(database):
    async with database.read() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_up_makes_the_tables_of_the_models(empty):
    await upgrade(empty)
    await ensure_current(empty)

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Table.metadata)

    async with empty.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_up_makes_the_checks_and_foreign_keys_of_the_models(empty):
    def constraints(connection):
        found = inspect(connection)
        return {
            name: (
                sorted(each["name"] for each in found.get_check_constraints(name)),
                sorted((each["name"], *each["constrained_columns"]) for each in found.get_foreign_keys(name)),
                found.get_pk_constraint(name)["name"],
            )
            for name in Table.metadata.tables
        }

    await upgrade(empty)
    async with empty.read() as connection:
        migrated = await connection.run_sync(constraints)
    await downgrade(empty, "base")
    async with empty.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
        assert await connection.run_sync(constraints) == migrated


async def test_each_step_goes_down_and_up_again(empty):
    await upgrade(empty)
    full = await tables(empty)
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        await downgrade(empty, revision)
        assert (await status(empty)).current == (None if revision == "base" else revision)
    assert await tables(empty) == {"alembic_version"}
    for revision in REVISIONS:
        await upgrade(empty, revision)
        assert (await status(empty)).current == revision
    assert await tables(empty) == full


async def test_an_empty_database_must_be_upgraded(empty):
    assert not (await status(empty)).is_current
    with pytest.raises(SchemaMismatch, match="ringfence db upgrade"):
        await ensure_current(empty)


@pytest.mark.skipif(len(REVISIONS) == 1, reason="there is no older revision yet")
async def test_an_older_database_must_be_upgraded(empty):
    await upgrade(empty, REVISIONS[0])
    with pytest.raises(SchemaMismatch, match=r"older.*ringfence db upgrade"):
        await ensure_current(empty)


async def test_a_newer_or_unknown_database_is_left_alone(empty):
    await upgrade(empty)
    async with empty.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    for attempt in (ensure_current(empty), upgrade(empty), downgrade(empty, "base")):
        with pytest.raises(SchemaMismatch, match=f"9999_future.*ringfence db downgrade {HEAD}"):
            await attempt
    assert "tenants" in await tables(empty)


async def test_a_revision_that_does_not_exist(empty):
    with pytest.raises(SchemaMismatch, match="Choose one of base"):
        await downgrade(empty, "0042_nonsense")


async def test_two_processes_may_upgrade_at_once(empty, database_url):
    other = Database(database_url)
    await asyncio.gather(upgrade(empty), upgrade(other))
    await ensure_current(other)
    await other.close()


async def test_a_step_that_fails_leaves_nothing_half_done(empty):
    async with empty.begin() as connection:
        await connection.execute(text("CREATE TABLE stamps (x INTEGER)"))  # the last one that 0001 makes
    before = await tables(empty)
    with pytest.raises((Unavailable, ProgrammingError)):
        await upgrade(empty)
    assert await tables(empty) == before
