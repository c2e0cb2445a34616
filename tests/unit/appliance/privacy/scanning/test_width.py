import pytest

from appliance.privacy.scanning.width import ENDLESS, longest


@pytest.mark.parametrize(
    ("regex", "characters"),
    [
        ("cat", 3),
        (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", 17),
        (r"(?:^|[^0-9])(?P<v>[0-9]{2,5})(?:$|[^0-9])", 7),
        ("(?i:straße|weg) [0-9]{1,4}?", 11),
        ("a?b*", ENDLESS),
        ("a+", ENDLESS),
        ("a{3,}", ENDLESS),
        (r"\pL", ENDLESS),
        ("a{,3}", ENDLESS),
        ("[[:alpha:]]{1,5}", ENDLESS),
    ],
)
def test_it_is_told_from_the_regex(regex, characters):
    assert longest(regex) == characters
