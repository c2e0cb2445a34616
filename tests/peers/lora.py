"""Makes a small LoRA of random numbers, as PEFT would save it; strong enough that a model answers otherwise.

`python -m tests.peers.lora FOLDER` makes one for the starter model.
"""

import json
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.adapter import CONFIG, WEIGHTS, linear_layers
from models.shelf import Architecture

MODULES = ("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj")
STRENGTH = 0.1


def make(folder: Path, arch: Architecture, rank: int = 8, seed: int = 1) -> Path:
    write(folder, config(rank), tensors(arch, rank, seed))
    return folder


def config(rank: int, **other: Any) -> dict[str, Any]:
    modules = [module.rpartition(".")[2] for module in MODULES]
    return {"peft_type": "LORA", "r": rank, "lora_alpha": 2 * rank, "target_modules": modules, "bias": "none", **other}


def tensors(arch: Architecture, rank: int, seed: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    sizes = linear_layers(arch)
    found = {}
    for layer in range(arch.layers):
        for module in MODULES:
            name = f"base_model.model.model.layers.{layer}.{module}"
            into, out = sizes[module]
            found[f"{name}.lora_A.weight"] = STRENGTH * random.standard_normal((rank, into), np.float32)
            found[f"{name}.lora_B.weight"] = STRENGTH * random.standard_normal((out, rank), np.float32)
    return found


def write(folder: Path, said: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(said))
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        table[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [begin, end]}
    head = json.dumps(table).encode()
    with (folder / WEIGHTS).open("wb") as stream:
        stream.write(struct.pack("<Q", len(head)) + head)
        for array in arrays.values():
            stream.write(array.tobytes())


if __name__ == "__main__":
    from tests.peers.vllm import ROW

    print(make(Path(sys.argv[1]), ROW.architecture))
