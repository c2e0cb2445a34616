"""Every pattern of the product through the prefilter that is compiled from it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.scanning.scanner import Scanner, no_floor
from tests.bench.privacy_texts import texts, worst
from tests.peers.cache import compiled_patterns

FIXTURES = Path(__file__).parents[2] / "fixtures" / "privacy"


@pytest.fixture(scope="module", params=[no_floor, Kinds().threshold], ids=["unsure", "as served"])
def floor(request: pytest.FixtureRequest) -> Callable[[str], float]:
    return request.param


@pytest.fixture(scope="module")
def prepared(floor: Callable[[str], float]) -> Scanner:
    scanner = Scanner(PATTERNS, deadline_seconds=600, floor=floor)
    scanner.prepare(compiled_patterns())
    return scanner


@pytest.fixture(scope="module")
def bare(floor: Callable[[str], float]) -> Scanner:
    return Scanner(PATTERNS, deadline_seconds=600, floor=floor)


@pytest.mark.parametrize("file", sorted(FIXTURES.rglob("*.txt")), ids=lambda file: file.name)
def test_the_prefilter_hides_nothing_in_what_people_paste(prepared: Scanner, bare: Scanner, file: Path):
    lines = file.read_text(encoding="utf-8").splitlines()
    for start in range(0, len(lines), 5):
        text = "\n".join(lines[start : start + 5])
        assert prepared.scan(text) == bare.scan(text)


@pytest.mark.parametrize("text", texts(7, 1_500, 40))
def test_nor_in_made_up_talk(prepared: Scanner, bare: Scanner, text: str):
    assert prepared.scan(text) == bare.scan(text)


@pytest.mark.parametrize(("name", "text"), list(worst(1_500)))
def test_nor_in_what_is_made_to_take_long(prepared: Scanner, bare: Scanner, name: str, text: str):
    assert prepared.scan(text) == bare.scan(text)


def test_what_was_compiled_is_kept(prepared: Scanner, floor: Callable[[str], float]):
    again = Scanner(PATTERNS, deadline_seconds=600, floor=floor)
    assert again.is_prepared(compiled_patterns())
    again.prepare(compiled_patterns())
    assert again.scan("IMEI 490154203237518") == prepared.scan("IMEI 490154203237518")
