import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.errors import ConfigError, ModelError, PrivacyUnavailable
from appliance.privacy.people.namefinders import Later, Weights, chosen
from appliance.privacy.span import Span

NOWHERE = Weights(Path("/nowhere/rampart.onnx"))


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


def test_a_text_that_can_hold_no_name_opens_nothing():
    opened = list[Finder]()

    def open_finder() -> Finder:
        opened.append(Finder())
        return opened[-1]

    later = Later(open_finder, may_name=lambda text: "jane" in text)
    assert later.find("the router is down") == ()
    assert opened == []
    assert later.find("jane")
    assert len(opened) == 1


def test_what_cannot_be_verified_is_opened_at_the_start():
    def open_finder() -> Finder:
        raise ConfigError("No such model. Name another.")

    with pytest.raises(ConfigError):
        Later(open_finder).prepare()
    Later(open_finder, verify=lambda: None).prepare()


def test_weights_that_are_missing_are_told_at_the_start_and_refuse_a_request():
    later = chosen("rampart", NOWHERE, 2.0)
    assert later
    with pytest.raises(ModelError, match="ringfence models pull rampart"):
        later.prepare()
    with pytest.raises(PrivacyUnavailable, match="ringfence models pull rampart"):
        later.find("my name is jane doe")


def test_weights_that_are_not_whole_are_told_at_the_start(tmp_path: Path):
    file = tmp_path / "rampart.onnx"
    file.write_bytes(b"half of it")
    whole = chosen("rampart", Weights(file, hashlib.sha256(b"half of it").hexdigest()), 2.0)
    assert whole
    whole.prepare()
    half = chosen("rampart", Weights(file, hashlib.sha256(b"half of it, and more").hexdigest()), 2.0)
    assert half
    with pytest.raises(ModelError, match="not all of it"):
        half.prepare()
