"""What all families together keep, and what they find in texts such as an ISP's people paste."""

import pytest

from appliance.privacy.kinds import CATALOGUE, Kinds
from appliance.privacy.patterns import (
    accounts,
    communities,
    credentials,
    devices,
    hashes,
    logins,
    logs,
    network,
    passwords,
    sessions,
    telecom,
    wireless,
)
from appliance.privacy.scanning.custom import faults
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.scanner import Scanner
from tests.unit.appliance.privacy.marked import measure, texts

FAMILIES = (
    telecom,
    network,
    devices,
    wireless,
    accounts,
    logins,
    sessions,
    communities,
    logs,
    hashes,
    passwords,
    credentials,
)
OF_AN_ISP = [one for each in FAMILIES for one in each.PATTERNS]
MARKED = ("first", "second", "third", "fourth")


@pytest.fixture(scope="module")
def detector():
    return Detector(Scanner(OF_AN_ISP, deadline_seconds=60), None, Kinds())


@pytest.mark.parametrize("pattern", OF_AN_ISP, ids=lambda each: each.name)
def test_a_pattern_is_bounded_and_its_type_is_known(pattern):
    assert [each for each in faults(pattern.regex) if "more than" not in each] == []
    assert pattern.type in {kind.name for kind in CATALOGUE}


def test_each_has_a_name_of_its_own():
    assert len({each.name for each in OF_AN_ISP}) == len(OF_AN_ISP)


def test_what_is_marked_is_found(detector):
    score = measure([text for name in MARKED for text in texts(name)], detector.find)
    assert score.wanted > 650
    assert score.recall >= 0.995, score.missed
    assert score.typed / score.wanted >= 0.99, score.missed
    assert score.precision >= 0.98, score.wrong


def test_nothing_is_found_in_clean_technical_texts(detector):
    clean = list(texts("clean"))
    assert len(clean) >= 30
    assert measure(clean, detector.find).wrong == ()
