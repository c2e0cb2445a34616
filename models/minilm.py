"""Writes MiniLM (a BERT that makes one vector of a text) as an ONNX file of integers that runs quickly on a CPU.

Inside a layer each token's numbers are brought to the same range before they are rounded: a few of a text's tokens are
thirty times as loud as the others, and would leave them three bits.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bert import Tensor, read_safetensors
from models.onnxfile import CONTRIB, INPUT, Graph

# Seven bits: with eight, processors without VNNI overflow where they add two products in 16 bits.
LARGEST = 63


def convert(folder: Path, target: Path, name: str, licence: str) -> None:
    """The same files give the same bytes."""
    config = json.loads((folder / "config.json").read_text())
    metadata = {
        "name": name,
        "licence": licence,
        "vocabulary": (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n"),
        "length": str(config["max_position_embeddings"]),
        "dimensions": str(config["hidden_size"]),
    }
    encoder = _Encoder(dict(read_safetensors(folder / "model.safetensors")), Graph(name), config["layer_norm_eps"])
    hidden = encoder.embed(INPUT)
    for layer in range(config["num_hidden_layers"]):
        hidden = encoder.layer(hidden, f"encoder.layer.{layer}", config["num_attention_heads"])
    encoder.graph.write(target, encoder.pool(hidden), ("batch", "dimensions"), metadata)


class _Encoder:
    """Adds the parts of a BERT to a graph; each method takes and gives the name of a hidden state."""

    def __init__(self, tensors: Mapping[str, Tensor], graph: Graph, epsilon: float) -> None:
        self._tensors = tensors
        self._epsilon = epsilon
        self.graph = graph

    def embed(self, given: str) -> str:
        add = self.graph.constant
        length = self.graph.node("Shape", given, start=1, end=2)
        positions = self._embedding("position") + self._embedding("token_type")[0]
        place = self.graph.node("Slice", add(positions[None]), add(_integers(0)), length, add(_integers(1)))
        # The table of words is most of the file: half as wide it is as good.
        rows = self.graph.node("Gather", add(self._embedding("word").astype(np.float16)), given)
        words = self.graph.node("Cast", rows, to=1)
        return self._norm(self.graph.node("Add", words, place), "embeddings.LayerNorm")

    def layer(self, hidden: str, path: str, heads: int) -> str:
        parts = [f"{path}.attention.self.{part}" for part in ("query", "key", "value")]
        projected = self.graph.nodes(3, "Split", self._linear(hidden, parts), axis=-1, num_outputs=3)
        mixed = self.graph.node("MultiHeadAttention", *projected, domain=CONTRIB, num_heads=heads)
        hidden = self._added(
            self._linear(mixed, [f"{path}.attention.output.dense"]), hidden, f"{path}.attention.output"
        )
        loudest = self._largest(self.graph.node("Abs", hidden))
        wide = self._levelled(hidden, loudest, f"{path}.intermediate.dense")
        wide = self.graph.node("Gelu", wide, domain=CONTRIB)
        # Nothing that comes out of Gelu is far below zero.
        return self._added(self._levelled(wide, self._largest(wide), f"{path}.output.dense"), hidden, f"{path}.output")

    def pool(self, hidden: str) -> str:
        mean = self.graph.node("ReduceMean", hidden, self.graph.constant(_integers(1)), keepdims=0)
        return self.graph.node("LpNormalization", mean, axis=-1, p=2)

    def _linear(self, hidden: str, paths: Sequence[str]) -> str:
        *constants, bias = self._whole(paths)
        return self.graph.node("DynamicQuantizeMatMul", hidden, *constants, "", bias, domain=CONTRIB)

    def _levelled(self, hidden: str, loudest: str, path: str) -> str:
        """The same where rows differ much: each is brought to one range first."""
        *constants, bias = self._whole([path])
        level = self.graph.node("Div", hidden, loudest)
        product = self.graph.node("DynamicQuantizeMatMul", level, *constants, domain=CONTRIB)
        return self.graph.node("Add", self.graph.node("Mul", product, loudest), bias)

    def _whole(self, paths: Sequence[str]) -> list[str]:
        """Weights as integers, their scales, the bias."""
        weight = np.concatenate([self._tensors[f"{path}.weight"] for path in paths])
        bias = np.concatenate([self._tensors[f"{path}.bias"] for path in paths])
        scale = np.abs(weight).max(axis=1) / np.float32(LARGEST)
        whole = np.rint(weight / scale[:, None]).astype(np.int8).T
        return [self.graph.constant(each) for each in (whole, scale, bias)]

    def _largest(self, hidden: str) -> str:
        return self.graph.node("ReduceMax", hidden, self.graph.constant(_integers(-1)), keepdims=1)

    def _added(self, hidden: str, skipped: str, path: str) -> str:
        return self._norm(self.graph.node("Add", hidden, skipped), f"{path}.LayerNorm")

    def _norm(self, hidden: str, path: str) -> str:
        scale, bias = (self.graph.constant(self._tensors[f"{path}.{part}"]) for part in ("weight", "bias"))
        return self.graph.node("LayerNormalization", hidden, scale, bias, axis=-1, epsilon=self._epsilon)

    def _embedding(self, name: str) -> Tensor:
        return self._tensors[f"embeddings.{name}_embeddings.weight"]


def _integers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)
