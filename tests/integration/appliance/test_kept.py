"""Kept values on every database: who may read them, and that nobody may after they are erased."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from appliance.db import Database
from appliance.errors import PrivacyUnavailable
from appliance.privacy import kept
from appliance.privacy.kept import Conversation, Kept
from appliance.privacy.placeholder import Reach, Secret

KEY = b"the privacy key, of 32 bytes...."
JANE = Conversation("isp", ("user", "jane"), "s1", "jane")
VALUES = [
    Secret("EMAIL_ADDRESS", "C9745D", "jane@customer.example", Reach.ANYWHERE),
    Secret("PERSON", "7F3A21AB", "Jane Roe", Reach.CALLS),
]


def told(secrets: list[Secret]) -> set[tuple[Any, ...]]:
    return {(each.kind, each.digest, each.value, each.reach) for each in secrets}


async def rows(database: Database, table: str) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(text(f"SELECT * FROM {table}"))).all())


async def execute(database: Database, statement: str, **values: Any) -> None:
    async with database.begin() as connection:
        await connection.execute(text(statement), values)


@pytest.fixture
def store(database: Database) -> Kept:
    return Kept(database, KEY, 30)


async def test_what_was_kept_comes_back(store: Kept) -> None:
    assert await store.load(JANE) == []
    assert await store.save(JANE, VALUES) == 2
    assert told(await store.load(JANE)) == told(VALUES)


async def test_the_database_names_nobody(store: Kept, database: Database) -> None:
    await store.save(JANE, VALUES)
    held = repr([*await rows(database, "kept_values"), *await rows(database, "subject_keys")]).lower()
    assert "isp" in held
    assert not any(word in held for word in ("jane", "roe", "customer", "s1"))


@pytest.mark.parametrize(
    "other",
    [
        Conversation("other", ("user", "jane"), "s1", "jane"),
        Conversation("isp", ("user", "john"), "s1", "jane"),
        Conversation("isp", ("key", "jane"), "s1", "jane"),
        Conversation("isp", ("user", "jane"), "s2", "jane"),
        Conversation("isp", ("user", "jane"), "s1", "john"),
    ],
)
async def test_nobody_else_loads_it(store: Kept, other: Conversation) -> None:
    await store.save(JANE, VALUES)
    assert await store.load(other) == []
    await store.save(other, VALUES[:1])
    assert told(await store.load(other)) == told(VALUES[:1])
    assert told(await store.load(JANE)) == told(VALUES)


async def test_rows_of_one_place_open_in_no_other(store: Kept, database: Database) -> None:
    """Who may write the database still cannot have one customer's values told to another."""
    others = [
        Conversation("other", ("user", "jane"), "s1", "jane"),
        Conversation("isp", ("user", "jane"), "s1", "john"),
        Conversation("isp", ("user", "jane"), "s2", "jane"),
    ]
    await store.save(JANE, VALUES[:1])
    for other in others:
        await store.save(other, VALUES[:1])
    stolen = min(await rows(database, "kept_values"), key=lambda row: row.kept_at).sealed
    await execute(database, "UPDATE kept_values SET sealed = :sealed", sealed=stolen)
    for other in others:
        with pytest.raises(PrivacyUnavailable):
            await store.load(other)
    assert told(await store.load(JANE)) == told(VALUES[:1])


async def test_a_key_of_another_tenant_opens_nothing(store: Kept, database: Database) -> None:
    other = Conversation("other", JANE.caller, "s1", "jane")
    await store.save(JANE, VALUES)
    await store.save(other, VALUES)
    wrapped = next(row.wrapped for row in await rows(database, "subject_keys") if row.tenant == "isp")
    await execute(database, "UPDATE subject_keys SET wrapped = :wrapped", wrapped=wrapped)
    with pytest.raises(PrivacyUnavailable):
        await store.load(other)


async def test_a_renamed_placeholder_does_not_open(store: Kept, database: Database) -> None:
    await store.save(JANE, VALUES[:1])
    await execute(database, "UPDATE kept_values SET placeholder = 'EMAIL_ADDRESS_000000'")
    with pytest.raises(PrivacyUnavailable):
        await store.load(JANE)


async def test_another_privacy_key_finds_nothing(store: Kept, database: Database) -> None:
    await store.save(JANE, VALUES)
    assert await Kept(database, b"another key, also of 32 bytes...", 30).load(JANE) == []


async def test_who_is_forgotten_is_gone_and_others_are_not(store: Kept, database: Database) -> None:
    john = Conversation("isp", ("user", "jane"), "s1", "john")
    later = Conversation("isp", ("user", "agent"), "s9", "jane")
    namesake = Conversation("other", ("user", "jane"), "s1", "jane")
    for each in (JANE, john, later, namesake):
        await store.save(each, VALUES)
    forgotten = await store.forget("isp", "jane")
    assert (forgotten.erased, forgotten.conversations, forgotten.values) == (True, 2, 4)
    assert "jane" not in repr(forgotten)
    assert await store.load(JANE) == await store.load(later) == []
    assert told(await store.load(john)) == told(await store.load(namesake)) == told(VALUES)
    again = await store.forget("isp", "jane")
    assert (again.erased, again.values, again.subject) == (False, 0, forgotten.subject)


async def test_a_copy_of_the_values_cannot_be_read_without_the_key_row(store: Kept, database: Database) -> None:
    """As from a backup of the table, put back beside a new key of the same subject."""
    await store.save(JANE, VALUES)
    copy = [row._asdict() for row in await rows(database, "kept_values")]
    await store.forget("isp", "jane")
    await store.save(Conversation("isp", ("user", "jane"), "another", "jane"), VALUES[:1])
    names = ", ".join(copy[0])
    for row in copy:
        await execute(database, f"INSERT INTO kept_values ({names}) VALUES (:{names.replace(', ', ', :')})", **row)
    with pytest.raises(PrivacyUnavailable):
        await store.load(JANE)


async def test_the_file_holds_no_erased_key(store: Kept, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("what PostgreSQL's files hold is VACUUM's business")
    await store.save(JANE, VALUES)
    wrapped = (await rows(database, "subject_keys"))[0].wrapped
    folder = Path(str(database.url.database)).parent

    def held() -> bool:
        return any(wrapped in file.read_bytes() for file in folder.glob("ringfence.db*"))

    assert held()
    await store.forget("isp", "jane")
    assert not held()


async def test_what_is_too_old_is_neither_read_nor_left(store: Kept, database: Database) -> None:
    old = Conversation("isp", ("user", "old"), "s1", "old")
    for each in (JANE, old):
        await store.save(each, VALUES)
    month = 31 * 86_400 * 1_000_000
    await execute(
        database, "UPDATE kept_values SET kept_at = kept_at - :month WHERE placeholder LIKE 'P%'", month=month
    )
    assert told(await store.load(JANE)) == told(VALUES[:1])
    await store.tidy()
    assert len(await rows(database, "kept_values")) == 2
    await execute(database, "UPDATE subject_keys SET used_at = used_at - :month", month=month)
    await store.save(JANE, VALUES[1:])
    await store.tidy()
    assert told(await store.load(JANE)) == told(VALUES)
    assert len(await rows(database, "subject_keys")) == 1
    await Kept(database, KEY, 0).tidy()
    assert await rows(database, "kept_values") == await rows(database, "subject_keys") == []


async def test_a_value_may_be_kept_again(store: Kept) -> None:
    await store.save(JANE, VALUES)
    farther = Secret("PERSON", "7F3A21AB", "JANE ROE", Reach.ANYWHERE)
    await store.save(JANE, [farther])
    assert told(await store.load(JANE)) == told([VALUES[0], farther])


async def test_a_conversation_is_bounded(store: Kept) -> None:
    many = [Secret("PERSON", f"{at:06X}", f"name {at}", Reach.ANYWHERE) for at in range(kept.MOST_VALUES)]
    assert await store.save(JANE, many[:-1]) == kept.MOST_VALUES - 1
    assert await store.save(JANE, [many[-1], VALUES[0]]) == 1
    assert await store.save(JANE, VALUES) == 0
    assert told(await store.load(JANE)) == told(many)


async def test_two_workers_may_keep_at_once(store: Kept, database_url: str) -> None:
    other = Database(database_url)
    ways = [store, Kept(other, KEY, 30)] * 5
    await asyncio.gather(*(way.save(JANE, VALUES) for way in ways))
    await other.close()
    assert told(await store.load(JANE)) == told(VALUES)


async def test_a_database_that_is_gone_refuses(store: Kept, database: Database) -> None:
    await execute(database, "DROP TABLE kept_values")
    for step in (store.load(JANE), store.save(JANE, VALUES), store.forget("isp", "jane")):
        with pytest.raises(PrivacyUnavailable):
            await step
