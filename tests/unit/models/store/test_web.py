from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from appliance.errors import ModelError
from models.store.web import Web, shown, wait


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("0", 0), ("100000", 600), ("", 1), ("soon", 1), ("-5", 1), ("1.5", 1)]
)
def test_seconds_that_a_busy_hub_asks_for(said: str, seconds: float):
    assert wait({"retry-after": said}) == seconds


def test_a_date_is_understood_too():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 <= wait({"retry-after": later}) <= 30
    assert wait({"retry-after": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}) == 0


def test_what_is_shown_of_an_address_holds_no_credentials():
    assert shown("https://user:password@cdn.example/a/b?signature=s3cret") == "https://cdn.example/a/b"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://hub.example", "https://", "http://[", "http://h:99999"])
def test_other_addresses_are_refused(url: str):
    with pytest.raises(ModelError, match="neither http nor https"), Web().get(url):
        pass
