import json
from datetime import UTC, datetime

import pytest
from msgspec import Struct

from api.cli import listing


class Row(Struct):
    id: str
    created_at: datetime | None = None
    scopes: list[str] | None = None
    here: bool = False


ROWS = [Row("a", datetime(2026, 5, 4, 3, 2, tzinfo=UTC), ["x", "y"], True), Row("longer")]


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show(ROWS, ("id", "created_at", "scopes", "here"), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "ID      CREATED AT        SCOPES  HERE",
        "a       2026-05-04 03:02  x,y     yes",
        "longer  -                 -       no",
    ]


def test_programs_get_json_with_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show(ROWS, ("id",), as_json=True)
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"id": "a", "created_at": "2026-05-04T03:02:00Z", "scopes": ["x", "y"], "here": True}
    assert second["created_at"] is None


def test_an_empty_listing_is_still_a_table_and_valid_json(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show([], ("id", "role"), as_json=False)
    assert capsys.readouterr().out == "ID  ROLE\n"
    listing.show([], ("id",), as_json=True)
    assert json.loads(capsys.readouterr().out) == []
