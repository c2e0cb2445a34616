import json
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from models import bert

TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fibre", "##s"]
CONFIG = {
    "max_position_embeddings": 16,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "layer_norm_eps": 1e-12,
}


def tensors() -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    layer = "encoder.layer.0"
    shapes = {
        "embeddings.word_embeddings.weight": (7, 8),
        "embeddings.position_embeddings.weight": (16, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
        "embeddings.LayerNorm.weight": (8,),
        f"{layer}.attention.self.query.weight": (8, 8),
        f"{layer}.attention.self.query.bias": (8,),
        f"{layer}.intermediate.dense.weight": (12, 8),
        "pooler.dense.weight": (8, 8),
    }
    return {name: random.standard_normal(shape).astype("<f4") for name, shape in shapes.items()}


def write_safetensors(file: Path, content: dict[str, np.ndarray]) -> None:
    header, data = {}, b""
    for name, tensor in content.items():
        begin = len(data)
        data += tensor.tobytes()
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [begin, len(data)]}
    head = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(head)) + head + data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    write_safetensors(tmp_path / "model.safetensors", tensors())
    return tmp_path


def test_tensors_come_back_as_they_were(folder: Path):
    found = dict(bert.read_safetensors(folder / "model.safetensors"))
    assert found.keys() == tensors().keys()
    for name, tensor in tensors().items():
        np.testing.assert_array_equal(found[name], tensor)


def test_the_file_holds_weights_shape_and_vocabulary(folder: Path):
    bert.convert(folder, folder / "out.gguf", "tiny", "Apache-2.0")
    reader = gguf.GGUFReader(folder / "out.gguf")
    written = {tensor.name: tensor for tensor in reader.tensors}
    assert set(written) == {
        "token_embd.weight",
        "position_embd.weight",
        "token_types.weight",
        "token_embd_norm.weight",
        "blk.0.attn_q.weight",
        "blk.0.attn_q.bias",
        "blk.0.ffn_up.weight",
    }
    query = tensors()["encoder.layer.0.attention.self.query.weight"]
    np.testing.assert_array_equal(written["blk.0.attn_q.weight"].data, query.astype("<f2"))
    assert written["blk.0.attn_q.bias"].tensor_type == gguf.GGMLQuantizationType.F32
    assert reader.get_field("bert.context_length").contents() == 16
    assert reader.get_field("bert.pooling_type").contents() == gguf.PoolingType.MEAN
    assert reader.get_field("tokenizer.ggml.tokens").contents() == [*TOKENS[:5], "▁fibre", "s"]
    assert reader.get_field("tokenizer.ggml.bos_token_id").contents() == TOKENS.index("[CLS]")


def test_the_same_files_give_the_same_bytes(folder: Path):
    for name in ("one", "two"):
        bert.convert(folder, folder / name, "tiny", "Apache-2.0")
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


def test_a_tensor_of_another_architecture_is_refused(folder: Path):
    write_safetensors(folder / "model.safetensors", {"decoder.x": np.zeros((2, 2), "<f4")})
    with pytest.raises(ValueError, match=r"decoder\.x"):
        bert.convert(folder, folder / "out.gguf", "tiny", "Apache-2.0")
