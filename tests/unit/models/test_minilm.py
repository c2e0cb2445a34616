"""The graph computes what a BERT computes, to the precision of seven bits."""

from pathlib import Path

import numpy as np
import pytest

from appliance import onnx
from models import minilm
from tests.unit.models import tiny_bert


@pytest.fixture
def file(tmp_path: Path) -> Path:
    minilm.convert(tiny_bert.write(tmp_path), tmp_path / "tiny.onnx", "tiny", "Apache-2.0")
    return tmp_path / "tiny.onnx"


@pytest.mark.parametrize("ids", [[2, 5, 3], [2, 5, 6, 7, 8, 3], [2, *[5, 6] * 7, 3]])
def test_vectors_point_where_floats_point(file: Path, ids: list[int]):
    model = onnx.load(file, "")
    (found,) = model.run(np.array([ids], np.int64))
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    assert float(found @ tiny_bert.vector(ids)) >= 0.995


def test_vocabulary_and_sizes_go_along(file: Path):
    told = onnx.load(file, "").metadata
    assert told["vocabulary"].split("\n") == tiny_bert.TOKENS
    assert (told["length"], told["dimensions"], told["name"]) == ("16", "16", "tiny")


def test_the_same_files_give_the_same_bytes(file: Path, tmp_path: Path):
    minilm.convert(tmp_path, tmp_path / "again.onnx", "tiny", "Apache-2.0")
    assert file.read_bytes() == (tmp_path / "again.onnx").read_bytes()
