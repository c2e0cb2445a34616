from datetime import UTC, datetime

from ingest.weaviate.rows import Entry, Row, entry_ids, entry_of, entry_properties, row_id, row_of, row_properties
from tests.unit.ingest.weaviate.shelf import document, passage


def test_what_is_kept_comes_back():
    row = Row(document(labels=("x",), modified=datetime(2026, 5, 1, tzinfo=UTC)), 7, 8, 3)
    entry = Entry(passage("router"), 7)
    assert row_of(row_properties(row)["body"]) == row
    assert entry_of(entry_properties(entry, row.document)["body"]) == entry


def test_what_is_filtered_by_stands_beside_it():
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    properties = entry_properties(Entry(passage("x"), 7), document(access=("role:agent",), modified=moment))
    assert properties["access"] == ["role:agent"]
    assert properties["modified"] == moment.timestamp()
    assert properties["modified"] == entry_properties(
        Entry(passage("x"), 7), document(modified=moment.replace(tzinfo=None))
    )["modified"]  # fmt: skip


def test_a_time_that_is_not_known_is_left_out():
    assert "modified" not in row_properties(Row(document(), 1, 1, 1))


def test_ids_differ_by_document_generation_and_place():
    rows = [Row(document(name), generation, 0, 3) for name in ("a", "b") for generation in (1, 2)]
    assert len({each for row in rows for each in entry_ids(row)}) == 12
    assert row_id("a") != row_id("b")
