"""`ringfence evaluate privacy` on texts of our own."""

import json

import pytest

from tests.integration.api.cli.commands import Ringfence
from tests.privacy_data.generator import samples


@pytest.fixture(scope="module")
def ringfence(tmp_path_factory):
    """One for all: its first run compiles the patterns."""
    return Ringfence(tmp_path_factory.mktemp("evaluate"))


@pytest.fixture
def dataset(tmp_path):
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(list(samples(120, "held", 11))), encoding="utf-8")
    return str(file)


def test_it_tells_how_much_is_found(ringfence, dataset):
    report = ringfence.rows("evaluate", "privacy", dataset)
    scores = {each["type"]: each for each in report["at"][0]["types"]}
    assert report["samples"] == 120
    assert scores["CONNECTION_STRING"]["recall"] >= 0.95
    assert report["at"][0]["blind"]["recall"] >= 0.9


def test_people_get_tables(ringfence, dataset):
    printed = ringfence("evaluate", "privacy", dataset, "--ignore", "PERSON", "--map", "ADDRESS=LOCATION")
    assert "Overlap 0.9" in printed
    assert "The worst misses" in printed
    assert "PERSON " not in printed.partition("What was taken")[0]


@pytest.mark.parametrize("pair", ["A", "A=", "=B"])
def test_a_pair_that_is_none_is_refused(ringfence, dataset, pair):
    refused = ringfence.try_("evaluate", "privacy", dataset, "--map", pair)
    assert refused.exit_code == 1
    assert "THEIRS=OURS" in refused.output
