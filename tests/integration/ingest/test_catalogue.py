"""Collections on every database."""

import pytest

from appliance.db import Database
from appliance.errors import InvalidRequest, NotFound
from ingest.catalogue import Collections, Files, HeldFile, New, Row, document_id, file_id


@pytest.fixture
def collections(database: Database) -> Collections:
    return Collections(database)


async def test_a_collection_is_found_by_name_and_by_id(collections: Collections) -> None:
    made = await collections.create("north", New(name="Handbook 2031", privacy="scrubbed", access=("group:noc",)))
    assert made.id.startswith("vs_")
    assert await collections.find("north", "Handbook 2031") == made
    assert await collections.find("north", made.id) == made
    assert (made.privacy, made.access, made.files) == ("scrubbed", ("group:noc",), 0)


async def test_a_name_is_one_tenants_own(collections: Collections) -> None:
    made = await collections.create("north", New(name="handbook"))
    with pytest.raises(InvalidRequest, match="another name"):
        await collections.create("north", New(name="handbook"))
    other = await collections.create("south", New(name="handbook"))
    assert other.id != made.id
    with pytest.raises(NotFound):
        await collections.find("south", made.id)
    with pytest.raises(NotFound, match="tenants list"):
        await collections.create("west", New(name="handbook"))


@pytest.mark.parametrize("name", ["", " blank", "a/b", "a\nb", "x" * 101])
async def test_a_name_that_is_none(collections: Collections, name: str) -> None:
    with pytest.raises(InvalidRequest, match="letters"):
        await collections.create("north", New(name=name))


@pytest.mark.parametrize("word", ["", "anna", "user:", "team:noc", "user:a b"])
async def test_readers_that_are_none(collections: Collections, word: str) -> None:
    with pytest.raises(InvalidRequest, match="names no readers"):
        await collections.create("north", New(name="handbook", access=(word,)))


async def test_rows_of_a_file_change_in_one_step(database: Database, collections: Collections) -> None:
    collection, files = await collections.create("north", New(name="handbook")), Files(database)
    first = _file(collection.id, 1)
    rows = [_row(first, name, 3) for name in ("a", "b", "c")]
    await files.expect([first], rows)
    await files.finish([first])
    told = await collections.find("north", "handbook")
    assert (told.files, told.documents, told.passages) == (1, 3, 9)
    second = _file(collection.id, 2)
    unread = _row(second, "b", 0, "damaged")
    await files.expect([second], [_row(second, "a", 4), unread])
    assert await files.stale([second]) == [rows[2].id]
    await files.finish([second])
    told = await collections.find("north", "handbook")
    assert (told.documents, told.passages) == (2, 7)  # what was read of `b` before stays
    assert [each.code for each in await files.faults("north")] == ["damaged"]
    assert sorted(await files.documents([second.id])) == sorted([rows[0].id, rows[1].id])
    assert (await files.held(collection.id, "folder"))[second.path].version == 2
    await files.remove([second.id])
    assert await files.documents([second.id]) == []
    assert await files.held(collection.id, "folder") == {}


async def test_who_may_read_is_told_of_one_tenant(database: Database, collections: Collections) -> None:
    await collections.create("north", New(name="a", access=("*", "role:agent")))
    await collections.create("south", New(name="b", access=("user:anna",)))
    assert await Files(database).readers("north") == {"*", "role:agent"}


def _file(collection: str, version: int) -> HeldFile:
    return HeldFile(
        id=file_id(collection, "folder", "/x"), collection=collection, source="folder", path="/x", version=version,
        digest=bytes(32), embedder="e", state="done",
    )  # fmt: skip


def _row(of: HeldFile, name: str, passages: int, code: str = "") -> Row:
    return Row(
        id=document_id(of.id, name, 1), file_id=of.id, path=f"/x/{name}", version=of.version, passages=passages,
        code=code, reason="It is damaged. Save it again." if code else "",
    )  # fmt: skip
