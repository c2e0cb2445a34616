from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.errors import ModelError, PrivacyUnavailable
from appliance.privacy.namefinders import Later, chosen
from appliance.privacy.span import Span

NOWHERE = Path("/nowhere/rampart.onnx")


class Finder:
    def find(self, text: str) -> list[Span]:
        return [Span(0, len(text), "PERSON", 1.0, "test")]


def test_off_finds_nothing():
    assert chosen("off", NOWHERE, 2.0) is None


def test_it_is_opened_once_by_the_first_who_asks():
    opened = list[Finder]()

    def open_finder() -> Finder:
        opened.append(Finder())
        return opened[-1]

    later = Later(open_finder)
    assert opened == []
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(later.find, ["jane"] * 50))
    assert found == [[Span(0, 4, "PERSON", 1.0, "test")]] * 50
    assert len(opened) == 1


def test_weights_that_are_missing_are_told_at_the_start_and_refuse_a_request():
    later = chosen("rampart", NOWHERE, 2.0)
    assert later
    with pytest.raises(ModelError, match="ringfence models pull rampart"):
        later.prepare()
    with pytest.raises(PrivacyUnavailable, match="ringfence models pull rampart"):
        later.find("jane")
