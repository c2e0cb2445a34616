"""`ringfence evaluate` on data of our own."""

import json

import pytest

from inference.minilm import NAME
from ingest.demo import documents as shelf
from models.spec import find
from tests.integration.api.cli.commands import Ringfence
from tests.knowledge_data import generator
from tests.knowledge_data.__main__ import lines
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


def test_ways_of_cutting_are_compared(ringfence, minilm_weights, tmp_path):
    target = find(NAME).path(ringfence.var)
    target.parent.mkdir(parents=True)
    target.symlink_to(minilm_weights)
    documents, questions = tmp_path / "documents.jsonl", tmp_path / "questions.jsonl"
    chosen = [each for each in shelf() if each.document.collection == "faq"][:12]
    names = {each.document.id for each in chosen}
    documents.write_bytes(lines(chosen))
    documents.write_bytes(documents.read_bytes() + b'{"_id": "fees", "title": "Fees", "text": "A lost key is 69 EUR."}')
    kept = [q for q in generator.questions() if q.answers and all(s.document in names for a in q.answers for s in a)]
    questions.write_bytes(lines(kept))
    reports = {each["name"]: each for each in ringfence.rows("evaluate", "chunking", str(documents), str(questions))}
    assert reports["ours 200"]["questions"] == len(kept) >= 20
    assert reports["ours 200"]["recall"]["value"] >= 0.5
    assert reports["ours 128"]["precision"]["value"] > reports["fixed 200"]["precision"]["value"]
    printed = ringfence("evaluate", "chunking", str(documents), str(questions), "--size", "64")
    assert "13 documents" in printed
    assert "ours 64 " in printed
