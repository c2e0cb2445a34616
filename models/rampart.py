"""Writes Rampart (a BERT that labels each token) as an ONNX file that runs five times as fast on a CPU.

The package carries weights of four bits, which ONNX Runtime unpacks as it goes. Here each linear layer becomes one
integer product of fused operators, and everything the reader needs (vocabulary, labels, attribution) goes along.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.onnxfile import CONTRIB, INPUT, Array, Graph, Weights, read

BLOCK = 32
# Seven bits: with eight, processors without VNNI overflow where they add two products in 16 bits.
LARGEST = 63
EPSILON = 1e-12
ATTRIBUTION = (
    "Rampart (nationaldesignstudio/rampart), Copyright 2026 National Design Studio, "
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). "
    "Changed: the weights were requantised to integers of seven bits and the graph was fused."
)

Floats = NDArray[np.float32]


def convert(folder: Path, target: Path, name: str, licence: str) -> None:
    """The same files give the same bytes."""
    config = json.loads((folder / "config.json").read_text())
    labels = [config["id2label"][str(index)] for index in range(len(config["id2label"]))]
    metadata = {
        "name": name,
        "licence": licence,
        "attribution": ATTRIBUTION,
        "labels": json.dumps(labels),
        "vocabulary": (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n"),
        "length": str(config["max_position_embeddings"]),
    }
    encoder = _Encoder(read(folder / "onnx" / "model_q4.onnx"), Graph(name))
    hidden = encoder.embed(INPUT)
    for layer in range(config["num_hidden_layers"]):
        hidden = encoder.layer(hidden, f"encoder/layer.{layer}", config["num_attention_heads"])
    encoder.graph.write(target, encoder.classify(hidden), ("batch", "length", "labels"), metadata)


class _Encoder:
    """Adds the parts of a BERT to a graph; each method takes and gives the name of a hidden state."""

    def __init__(self, weights: Weights, graph: Graph) -> None:
        self._weights = weights
        self.graph = graph

    def embed(self, given: str) -> str:
        words, add = "bert.embeddings.word_embeddings.weight", self.graph.constant
        length = self.graph.node("Shape", given, start=1, end=2)
        positions = self._embedding("position_embeddings") + self._embedding("token_type_embeddings")[0]
        place = self.graph.node("Slice", add(positions[None]), add(_integers(0)), length, add(_integers(1)))
        # The table of words is most of the file: it stays in bytes, and only rows in use become numbers.
        rows = self.graph.node("Gather", add(self._tensor(f"{words}_quantized")), given)
        scale, zero = add(self._tensor(f"{words}_scale")), add(self._tensor(f"{words}_zero_point"))
        return self._norm(self.graph.node("DequantizeLinear", rows, scale, zero), place, "embeddings")

    def layer(self, hidden: str, path: str, heads: int) -> str:
        parts = [f"{path}/attention/self/{part}" for part in ("query", "key", "value")]
        projected = self.graph.nodes(3, "Split", self._linear(hidden, parts), axis=-1, num_outputs=3)
        mixed = self.graph.node("MultiHeadAttention", *projected, domain=CONTRIB, num_heads=heads)
        hidden = self._norm(self._linear(mixed, [f"{path}/attention/output/dense"]), hidden, f"{path}/attention/output")
        wide = self.graph.node("Gelu", self._linear(hidden, [f"{path}/intermediate/dense"]), domain=CONTRIB)
        return self._norm(self._linear(wide, [f"{path}/output/dense"]), hidden, f"{path}/output")

    def classify(self, hidden: str) -> str:
        # Small enough to stay exact.
        product = self.graph.node("MatMul", hidden, self.graph.constant(self._matrix("/classifier").T))
        return self.graph.node("Add", product, self.graph.constant(self._tensor("classifier.bias")))

    def _linear(self, hidden: str, paths: Sequence[str]) -> str:
        weight = np.concatenate([self._matrix(f"/bert/{path}") for path in paths])
        bias = np.concatenate([self._tensor(f"bert.{path}.bias".replace("/", ".")) for path in paths])
        scale = np.abs(weight).max(axis=1) / np.float32(LARGEST)
        whole = np.rint(weight / scale[:, None]).astype(np.int8).T
        constants = [self.graph.constant(each) for each in (whole, scale)]
        return self.graph.node(
            "DynamicQuantizeMatMul", hidden, *constants, "", self.graph.constant(bias), domain=CONTRIB
        )

    def _norm(self, hidden: str, skipped: str, path: str) -> str:
        prefix = f"bert.{path}.LayerNorm".replace("/", ".")
        scale, bias = (self.graph.constant(self._tensor(f"{prefix}.{part}")) for part in ("weight", "bias"))
        total = self.graph.node("Add", hidden, skipped)
        # SkipLayerNormalization would be one node for both, and four times as slow.
        return self.graph.node("LayerNormalization", total, scale, bias, axis=-1, epsilon=EPSILON)

    def _matrix(self, path: str) -> Floats:
        """A linear layer's weights, unpacked from blocks of four-bit numbers: (outputs, inputs)."""
        _, packed, scales = self._weights.inputs[f"{path}/MatMul_Q4"]
        pairs, steps = self._tensor(packed), self._tensor(scales)
        numbers = np.stack([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - 8
        whole: Floats = numbers.reshape(*pairs.shape[:2], BLOCK) * steps[..., None]
        return whole.reshape(pairs.shape[0], -1)

    def _embedding(self, name: str) -> Floats:
        parts = (self._tensor(f"bert.embeddings.{name}.weight_{part}") for part in ("quantized", "zero_point", "scale"))
        quantized, zero, scale = (part.astype(np.float32) for part in parts)
        return (quantized - zero) * scale

    def _tensor(self, name: str) -> Array:
        return self._weights.tensors[name]


def _integers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)
