"""Writes a BERT sentence encoder (safetensors, vocabulary, configuration) as one GGUF file, without torch."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

SPECIAL = {"[CLS]": "bos", "[SEP]": "sep", "[UNK]": "unk", "[PAD]": "pad", "[MASK]": "mask"}
LEFT_OUT = ("embeddings.position_ids", "pooler.")

Tensor = NDArray[np.float32]


def convert(folder: Path, target: Path, name: str, licence: str) -> None:
    """The same files give the same bytes."""
    config = json.loads((folder / "config.json").read_text())
    tokens = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.BERT])
    writer.add_name(name)
    writer.add_license(licence)
    _add_shape(writer, config)
    _add_vocabulary(writer, tokens)
    _add_tensors(writer, folder / "model.safetensors", config["num_hidden_layers"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_shape(writer: gguf.GGUFWriter, config: dict[str, Any]) -> None:
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def _add_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    writer.add_tokenizer_model("bert")
    writer.add_token_type_count(2)
    writer.add_token_list([piece(token) for token in tokens])
    writer.add_token_types([gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL for token in tokens])
    for token, role in SPECIAL.items():
        getattr(writer, f"add_{role}_token_id")(tokens.index(token))


def piece(token: str) -> str:
    """WordPiece marks what continues a word, GGUF what begins one."""
    if token in SPECIAL:
        return token
    return token[2:] if token.startswith("##") else "\u2581" + token


def _add_tensors(writer: gguf.GGUFWriter, file: Path, layers: int) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, layers)
    for name, tensor in read_safetensors(file):
        if name.startswith(LEFT_OUT):
            continue
        target = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if target is None:
            raise ValueError(f"{file.name} holds {name}, which a BERT encoder does not have")
        # llama.cpp adds these to activations, which are F32; only what is multiplied may be narrower.
        narrow = tensor.ndim == 2 and not target.startswith(("position_embd", "token_types"))
        writer.add_tensor(target, tensor.astype(np.float16) if narrow else tensor)


def read_safetensors(file: Path) -> Iterator[tuple[str, Tensor]]:
    """The F32 tensors of a file, by name."""
    data = np.memmap(file, dtype=np.uint8, mode="r")
    (size,) = struct.unpack("<Q", data[:8].tobytes())
    header = json.loads(data[8 : 8 + size].tobytes())
    for name, entry in sorted(header.items()):
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        yield name, data[begin:end].view("<f4").reshape(entry["shape"])
