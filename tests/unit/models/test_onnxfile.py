from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from models.onnxfile import INPUT, Graph, read

WEIGHTS = np.arange(12, dtype="<f4").reshape(3, 4) - 5


def written(file: Path) -> Path:
    graph = Graph("test")
    row = graph.node("Gather", graph.constant(WEIGHTS), INPUT, axis=0)
    first, second = graph.nodes(2, "Split", row, axis=-1, num_outputs=2)
    total = graph.node("Add", first, second)
    result = graph.node("LeakyRelu", total, alpha=0.5)
    graph.write(file, result, ("batch", "length", "labels"), {"labels": "é" * 100})
    return file


def test_the_runtime_reads_what_is_written(tmp_path: Path):
    session = onnxruntime.InferenceSession(str(written(tmp_path / "a.onnx")))
    (logits,) = session.run(None, {INPUT: np.array([[0, 2]], np.int64)})
    total = (WEIGHTS[:, :2] + WEIGHTS[:, 2:])[[0, 2]]
    np.testing.assert_array_equal(logits[0], np.where(total < 0, total * 0.5, total))
    assert session.get_modelmeta().custom_metadata_map == {"labels": "é" * 100}


def test_what_is_written_is_read_back(tmp_path: Path):
    weights = read(written(tmp_path / "a.onnx"))
    (tensor,) = weights.tensors.values()
    np.testing.assert_array_equal(tensor, WEIGHTS)
    assert all(weights.inputs.values())


def test_the_same_graph_is_the_same_bytes(tmp_path: Path):
    assert written(tmp_path / "a.onnx").read_bytes() == written(tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize("dtype", ["|u1", "|i1", "<i8", "<f2", "<f4"])
def test_every_type_comes_back(tmp_path: Path, dtype: str):
    values = np.array([[1, 2], [100, 0]], dtype)
    graph = Graph("test")
    graph.constant(values)
    graph.write(tmp_path / "a.onnx", INPUT, ("batch", "length"), {})
    (tensor,) = read(tmp_path / "a.onnx").tensors.values()
    assert tensor.dtype.str == dtype
    np.testing.assert_array_equal(tensor, values)
