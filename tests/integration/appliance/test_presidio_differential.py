"""Stock Presidio, in an environment of its own, against ours on the same texts: every difference has its reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import presidio_analyzer
import pytest

from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.presidio import Analyzer, read_recognizers
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span
from tests.fixtures.privacy_strings import Sample, samples
from tests.integration.appliance.presidio_differences import DIFFERENCES
from tests.peers.presidio import Found, StockPresidio

DEFAULT = Path(presidio_analyzer.__file__).parent / "conf" / "default_recognizers.yaml"
SURE = 0.4
"""What people run it with. Below it stock takes any nine digits for a passport."""


@pytest.fixture(scope="module")
def texts() -> list[Sample]:
    made = samples()
    assert len({each.text for each in made}) > 3000
    return made


@pytest.fixture(scope="module")
def stock(texts: list[Sample], stock_presidio: StockPresidio) -> list[list[Found]]:
    return stock_presidio.find([each.text for each in texts])


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Scanner(PATTERNS, deadline_seconds=60), None, Kinds())


def test_presidios_recognizers_find_in_our_analyzer_exactly_what_they_find_in_stock(texts, stock):
    analyzer = Analyzer(read_recognizers(DEFAULT), deadline_seconds=60)
    for sample, theirs in zip(texts, stock, strict=True):
        results = analyzer.analyze(sample.text, "en")
        ours = {(each.entity_type, each.start, each.end, round(each.score, 6)) for each in results}
        assert ours == {(each.type, each.start, each.end, round(each.score, 6)) for each in theirs}, sample


def test_what_stock_finds_we_find_or_say_why_not(texts, stock, detector):
    differences = Counter(
        difference
        for sample, theirs in zip(texts, stock, strict=True)
        for difference in compared(sample, theirs, detector.find(sample.text))
    )
    assert set(differences) == set(DIFFERENCES), "a difference without its reason, or a reason without a difference"
    grown = {each: (count, DIFFERENCES[each].most) for each, count in differences.items()}
    assert [each for each, (count, most) in grown.items() if count > most] == []


@pytest.mark.parametrize("kind", ["EMAIL_ADDRESS", "MAC_ADDRESS"])
def test_we_find_what_stock_misses(texts, stock, detector, kind):
    """Logins such as user@realm.lan, which have no public suffix; MAC addresses as Huawei and HP write them."""
    missed = [sample for sample, theirs in zip(texts, stock, strict=True) if only_ours(sample, theirs, kind)]
    assert len(missed) == 66
    for sample in missed:
        at = sample.text.index(sample.value)
        ours = {each.type for each in detector.find(sample.text) if each.start <= at and each.end > at}
        assert ours & {kind, "USERNAME"}, sample


def only_ours(sample: Sample, theirs: Sequence[Found], kind: str) -> bool:
    """In these samples `invalid` is what stock calls so."""
    return sample.type == kind and sample.quality == "invalid" and kind not in {each.type for each in theirs}


def compared(sample: Sample, theirs: Sequence[Found], ours: Sequence[Span]) -> Iterator[tuple[str, str, str]]:
    for each in theirs:
        if each.score < SURE:
            continue
        meant = "meant" if each.type == sample.type and sample.quality == "valid" else "by chance"
        outcome = fate(sample.text, each, ours)
        if outcome != "found":
            yield each.type, meant, outcome


def fate(text: str, theirs: Found, ours: Sequence[Span]) -> str:
    """What became of a find of stock's. Blanks, quotes and commas at its ends do not count."""
    overlapping = [each for each in ours if each.start < theirs.end and theirs.start < each.end]
    if not overlapping:
        return "not at all"
    covered = {place for each in overlapping for place in range(each.start, each.end)}
    if any(text[place].isalnum() for place in range(theirs.start, theirs.end) if place not in covered):
        return "in part"
    return "found" if theirs.type in {each.type for each in overlapping} else "as another type"


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ([Span(0, 7, "X", 1, "r")], "found"),
        ([Span(0, 9, "X", 1, "r")], "found"),
        ([Span(0, 7, "Y", 1, "r")], "as another type"),
        ([Span(0, 3, "X", 1, "r"), Span(4, 7, "Y", 1, "r")], "found"),
        ([Span(0, 3, "X", 1, "r")], "in part"),
        ([Span(7, 9, "X", 1, "r")], "not at all"),
        ([], "not at all"),
    ],
)
def test_fates_are_told_apart(ours, expected):
    assert fate("123-456 9", Found("X", 0, 7, 1.0), ours) == expected
