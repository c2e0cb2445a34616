"""What the converter writes says what the model says as it was shipped."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from appliance.wordpiece import WordPiece
from models.rampart import ATTRIBUTION
from tests.bench.support_talk import DEVELOPMENT, HELD_BACK, talk
from tests.peers import rampart


@pytest.fixture(scope="module")
def shipped(rampart_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert rampart_weights.exists()  # so the package is there to be had
    return rampart.as_shipped(tmp_path_factory.mktemp("shipped"))


def test_it_labels_as_the_original_does(rampart_weights: Path, shipped: Path):
    original = onnxruntime.InferenceSession(str(shipped / "onnx" / "model_q4.onnx"))
    converted = onnxruntime.InferenceSession(str(rampart_weights))
    pieces = WordPiece((shipped / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n"))
    same = total = 0
    for example in talk(DEVELOPMENT + HELD_BACK, 288, seed=3):
        row = [piece for word in pieces.words(example.text) for piece in word.pieces]
        given = {"input_ids": np.array([[pieces.begin, *row, pieces.end]], np.int64)}
        (found,) = converted.run(None, given)
        given |= {"attention_mask": np.ones_like(given["input_ids"])}
        given |= {"token_type_ids": np.zeros_like(given["input_ids"])}
        (expected,) = original.run(None, given)
        same += int((found.argmax(-1) == expected.argmax(-1)).sum())
        total += found.shape[1]
    assert total > 5_000
    assert same / total >= 0.99


def test_vocabulary_labels_and_attribution_go_along(rampart_weights: Path, shipped: Path):
    told = onnxruntime.InferenceSession(str(rampart_weights)).get_modelmeta().custom_metadata_map
    assert told["vocabulary"] == (shipped / "vocab.txt").read_text(encoding="utf-8").rstrip("\n")
    assert len(json.loads(told["labels"])) == 35
    assert told["attribution"] == ATTRIBUTION
    assert "CC BY 4.0" in ATTRIBUTION
