"""A BERT of one layer with drawn weights, in files as its package has them, and what it should answer."""

import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fibre", "line", "is", "down", "##s", "café"]
SIZE, WIDE, HEADS, LONGEST = 16, 32, 4, 16
EPSILON = 1e-12
CONFIG = {
    "hidden_size": SIZE,
    "intermediate_size": WIDE,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "max_position_embeddings": LONGEST,
    "layer_norm_eps": EPSILON,
}
LAYER = "encoder.layer.0"
SHAPES = {
    "embeddings.word_embeddings.weight": (len(TOKENS), SIZE),
    "embeddings.position_embeddings.weight": (LONGEST, SIZE),
    "embeddings.token_type_embeddings.weight": (2, SIZE),
    **{f"{LAYER}.attention.self.{part}.weight": (SIZE, SIZE) for part in ("query", "key", "value")},
    **{f"{LAYER}.attention.self.{part}.bias": (SIZE,) for part in ("query", "key", "value")},
    f"{LAYER}.attention.output.dense.weight": (SIZE, SIZE),
    f"{LAYER}.attention.output.dense.bias": (SIZE,),
    f"{LAYER}.intermediate.dense.weight": (WIDE, SIZE),
    f"{LAYER}.intermediate.dense.bias": (WIDE,),
    f"{LAYER}.output.dense.weight": (SIZE, WIDE),
    f"{LAYER}.output.dense.bias": (SIZE,),
    **{
        f"{path}.LayerNorm.{part}": (SIZE,)
        for path in ("embeddings", f"{LAYER}.attention.output", f"{LAYER}.output")
        for part in ("weight", "bias")
    },
}


def tensors() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)
    return {name: draw.normal(0, 0.5, shape).astype("<f4") for name, shape in SHAPES.items()}


def write(folder: Path) -> Path:
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    header, parts, at = {}, [], 0
    for name, tensor in tensors().items():
        data = tensor.tobytes()
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + b"".join(parts))
    return folder


def vector(ids: Sequence[int]) -> np.ndarray:
    """In plain numpy and floats."""
    of = tensors()
    hidden = of["embeddings.word_embeddings.weight"][list(ids)] + of["embeddings.token_type_embeddings.weight"][0]
    hidden = _norm(hidden + of["embeddings.position_embeddings.weight"][: len(ids)], of, "embeddings")
    heads = (len(ids), HEADS, SIZE // HEADS)
    query, key, value = (
        _linear(hidden, of, f"{LAYER}.attention.self.{part}").reshape(heads).transpose(1, 0, 2)
        for part in ("query", "key", "value")
    )
    scores = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(SIZE // HEADS))
    mixed = (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), SIZE)
    out = f"{LAYER}.attention.output"
    hidden = _norm(hidden + _linear(mixed, of, f"{out}.dense"), of, out)
    wide = _linear(hidden, of, f"{LAYER}.intermediate.dense")
    wide = wide * np.vectorize(lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2))))(wide)
    hidden = _norm(hidden + _linear(wide, of, f"{LAYER}.output.dense"), of, f"{LAYER}.output")
    mean = hidden.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _linear(given: np.ndarray, of: dict[str, np.ndarray], path: str) -> np.ndarray:
    return given @ of[f"{path}.weight"].T + of[f"{path}.bias"]


def _norm(given: np.ndarray, of: dict[str, np.ndarray], path: str) -> np.ndarray:
    level = (given - given.mean(-1, keepdims=True)) / np.sqrt(given.var(-1, keepdims=True) + EPSILON)
    return level * of[f"{path}.LayerNorm.weight"] + of[f"{path}.LayerNorm.bias"]
