import random

import phonenumbers
import pytest

from appliance.errors import ConfigError
from appliance.privacy.proofs.phones import REGIONS, Phones

PHONES = Phones()


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("+49 30 1234567", True),
        ("+44 20 7946 0958 ext. 12", True),
        ("0044 20 7946 0958", True),
        ("+1 (555) 010-9999", None),
        ("+999 12345678", False),
        ("+1 23", False),
    ],
)
def test_international(number, verdict):
    assert PHONES.international(number) is verdict


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("0171 2345678", True),
        ("(11) 98765-4321", True),
        ("015 11 98765-4321", True),
        ("2024", False),
        ("7777777", False),
    ],
)
def test_national(number, verdict):
    assert PHONES.national(number) is verdict


def test_the_plans_say_what_phonenumbers_says():
    """Which parses and validates for one region after another, in a hundred times the time."""
    choose = random.Random(7)
    numbers = ["".join(choose.choices("0123456789", k=choose.choice([8, 9, 10, 11]))) for _ in range(1_500)]
    numbers = [each for each in numbers if not each.startswith(("00", "011")) and len(set(each)) > 2]
    differing = [each for each in numbers if PHONES.national(each) != parsed(each)]
    # The parser also takes the country's own code off, without a plus; that number then counts as a national one.
    assert [each for each in differing if PHONES.national(each)] == []
    assert len(differing) < len(numbers) / 100


def parsed(number: str) -> bool:
    for region in REGIONS:
        try:
            if phonenumbers.is_valid_number_for_region(phonenumbers.parse(number, region), region):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def test_a_region_that_does_not_exist():
    with pytest.raises(ConfigError, match="Use ISO 3166 codes: Britain is GB"):
        Phones(["UK"])
