from datetime import timedelta

import click
import pytest

from api.cli.duration import DURATION


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90d", timedelta(days=90)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("0s", timedelta()),
    ],
)
def test_a_length_of_time(text: str, length: timedelta) -> None:
    assert DURATION.convert(text, None, None) == length


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "1.5h", "1w", "90 d", "99999999d", "9" * 20 + "d"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="90d, 12h"):
        DURATION.convert(text, None, None)
