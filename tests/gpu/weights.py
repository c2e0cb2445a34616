"""A model of any shape with random weights, made without a hub: enough for memory, speed and faults, not for sense."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from models.shelf import Architecture

BLOCK = 1 << 22
SPREAD = 0.02
ONE = 0x3F80
"""1.0 in bf16."""
SPECIAL = ("<s>", "</s>")
TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant:"

Shape = tuple[int, ...]


def make(folder: Path, arch: Architecture, context: int) -> None:
    """Large models take some ten seconds for each 10 GB: a block of random numbers is written again and again."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config(arch, context))
    write_json(folder / "tokenizer.json", tokenizer(arch.vocabulary))
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": SPECIAL[0], "eos_token": SPECIAL[1]}
    write_json(folder / "tokenizer_config.json", {**kind, "chat_template": TEMPLATE, "model_max_length": context})
    write_weights(folder / "model.safetensors", dict(shapes(arch)))


def config(arch: Architecture, context: int) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "bfloat16",
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0},
        "num_hidden_layers": arch.layers,
        "hidden_size": arch.hidden,
        "intermediate_size": arch.intermediate,
        "num_attention_heads": arch.heads,
        "num_key_value_heads": arch.kv_heads,
        "head_dim": arch.head_size,
        "vocab_size": arch.vocabulary,
        "tie_word_embeddings": arch.tied,
        "max_position_embeddings": context,
        "bos_token_id": 0,
        "eos_token_id": 1,
    }


def tokenizer(vocabulary: int) -> dict[str, Any]:
    """A token for each byte, and words that no text makes for all the rest that the model may say."""
    known = [*SPECIAL, *letters()]
    words = [*known, *(f"w{number}" for number in range(len(known), vocabulary))]
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "added_tokens": [{"id": number, "content": word, **special} for number, word in enumerate(SPECIAL)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": {word: number for number, word in enumerate(words)}, "merges": []},
    }


def letters() -> list[str]:
    """How byte-level tokenizers write each byte: as itself where it can be seen, else as a letter that can."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    signs = {byte: chr(byte) for byte in seen} | {byte: chr(256 + place) for place, byte in enumerate(hidden)}
    return [signs[byte] for byte in range(256)]


def shapes(arch: Architecture) -> Iterator[tuple[str, Shape]]:
    hidden, inner = arch.hidden, arch.intermediate
    queries, keys = arch.heads * arch.head_size, arch.kv_heads * arch.head_size
    yield "model.embed_tokens.weight", (arch.vocabulary, hidden)
    for layer in range(arch.layers):
        for name, shape in (
            ("input_layernorm", (hidden,)),
            ("self_attn.q_proj", (queries, hidden)),
            ("self_attn.k_proj", (keys, hidden)),
            ("self_attn.v_proj", (keys, hidden)),
            ("self_attn.o_proj", (hidden, queries)),
            ("post_attention_layernorm", (hidden,)),
            ("mlp.gate_proj", (inner, hidden)),
            ("mlp.up_proj", (inner, hidden)),
            ("mlp.down_proj", (hidden, inner)),
        ):
            yield f"model.layers.{layer}.{name}.weight", shape
    yield "model.norm.weight", (hidden,)
    if not arch.tied:
        yield "lm_head.weight", (arch.vocabulary, hidden)


def write_weights(file: Path, tensors: dict[str, Shape]) -> None:
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in tensors.items():
        begin, end = end, end + 2 * int(np.prod(shape))
        table[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    head = json.dumps(table).encode()
    random = np.random.default_rng(7)
    # The upper half of a 32-bit number is the same number in bf16.
    block = ((random.standard_normal(BLOCK, np.float32) * SPREAD).view(np.uint32) >> 16).astype(np.uint16)
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(head)) + head)
        for shape in tensors.values():
            left = int(np.prod(shape))
            while left:
                some = min(left, BLOCK)
                part = np.full(some, ONE, np.uint16) if len(shape) == 1 else np.roll(block, int(random.integers(BLOCK)))
                stream.write(part[:some].tobytes())
                left -= some


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value))
