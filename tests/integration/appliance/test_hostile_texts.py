"""Texts that are made to take long, through all that looks at a text: each ends by its deadline, checked or refused."""

from contextlib import suppress
from time import thread_time

import pytest

from appliance.errors import PrivacyUnavailable
from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.scanner import PART, Scanner
from tests.bench.privacy_texts import worst
from tests.peers.cache import compiled_patterns

DEADLINE = 0.5
OTHERS = 1.5
"""Processor time for each part that readers without a deadline of their own may take: views, tables, overlaps."""

NESTED = '{"a":' * 20_000 + '"jane@customer.example"' + "}" * 20_000
LINES = [*worst(PART), ("nested JSON", NESTED), ("table", "serial  imei  user\n" * 5_000)]
LONG_LINES = [("talk", "mail jane@customer.example, "), ("numbers", "1 2 "), ("labels", "password: ")]


@pytest.fixture(scope="module")
def detector() -> Detector:
    scanner = Scanner(PATTERNS, deadline_seconds=DEADLINE, floor=Kinds().threshold)
    scanner.prepare(compiled_patterns())
    return Detector(scanner, None, Kinds())


def spent(detector: Detector, text: str) -> float:
    began = thread_time()
    with suppress(PrivacyUnavailable):
        detector.find(text)
    return thread_time() - began


@pytest.mark.parametrize(("name", "text"), LINES, ids=[name for name, _ in LINES])
def test_100_kilobytes_end_by_the_deadline(detector: Detector, name: str, text: str):
    assert spent(detector, text) < DEADLINE + OTHERS


@pytest.mark.parametrize(("name", "unit"), LONG_LINES, ids=[name for name, _ in LONG_LINES])
def test_a_line_of_a_megabyte_ends_by_its_deadline(detector: Detector, name: str, unit: str):
    text = unit * (10 * PART // len(unit))
    assert spent(detector, text) < 10 * (DEADLINE + OTHERS)
