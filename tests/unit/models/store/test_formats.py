import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import ModelError
from models.store.formats import check, choose, is_pickle


def table(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def test_one_format_is_taken_and_copies_for_others_are_not():
    given_ = [
        ".gitattributes", "README.md", "config.json", "consolidated.safetensors", "model-00001.safetensors",
        "model-00002.safetensors", "model.safetensors.index.json", "onnx/model.onnx", "onnx/config.json",
        "original/consolidated.00.pth", "original/params.json", "pytorch_model.bin", "tekken.json",
        "tokenizer.model.v3", "train.py", "1_Pooling/config.json", "LICENSE", "picture.png",
    ]  # fmt: skip
    assert choose(given_) == [
        "1_Pooling/config.json", "LICENSE", "README.md", "config.json", "model-00001.safetensors",
        "model-00002.safetensors", "model.safetensors.index.json", "tekken.json", "tokenizer.model.v3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        (["consolidated.safetensors", "params.json"], ["consolidated.safetensors", "params.json"]),
        (["a.gguf", "b.gguf", "x.bin"], ["a.gguf", "b.gguf"]),
        (["model.onnx", "tokenizer.json"], ["model.onnx", "tokenizer.json"]),
        (["onnx/model.onnx", "m.safetensors"], ["m.safetensors"]),
    ],
)
def test_what_there_is_is_taken(paths: list[str], taken: list[str]):
    assert choose(paths) == taken


def test_only_reaches_what_is_kept_for_others():
    assert choose(["m.safetensors", "onnx/m.onnx", "onnx/q.onnx"], only="onnx/q*") == ["onnx/q.onnx"]


def test_asking_for_pickle_is_refused():
    with pytest.raises(ModelError, match=r"x\.bin: it is in Python's pickle format"):
        choose(["x.bin", "m.safetensors"], only="*.bin")
    with pytest.raises(ModelError, match=r"no weights but x\.bin"):
        choose(["x.bin", "config.json", "onnx/model.onnx"])
    with pytest.raises(ModelError, match="no weights in safetensors, GGUF or ONNX"):
        choose(["config.json"])


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("m.safetensors", table(b'{"__metadata__":{"format":"pt"}}')),
        ("m.safetensors", table(b'{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}') + bytes(4)),
        ("m.gguf", b"GGUF\x03"),
        ("m.onnx", b"\x08\x08"),
        ("tokenizer.model", b"\x0a\x0e\x0a\x05<unk>"),
        ("config.json", "{'ä': 1}".encode()),
        ("vocab.txt", b"cats\nand\ndogs.\n"),
        ("LICENSE", b""),
    ],
)
def test_what_it_says_it_is_passes(path: str, content: bytes):
    check(path, content, len(content))


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[]",
        b'{"a":{}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":"04"}}',
        b'{"a":{"dtype":"F32","shape":' + str([1] * 17).encode() + b',"data_offsets":[0,4]}}',
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}',
    ],
)
def test_a_table_of_tensors_that_is_none(text: bytes):
    content = table(text) + bytes(4)
    with pytest.raises(ModelError, match=r"m\.safetensors was refused: its t"):
        check("m.safetensors", content, len(content))


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5), st.sampled_from([2, 3, 4, 5]))
def test_pickle_is_known_by_its_beginning(value: object, protocol: int):
    assert is_pickle(pickle.dumps(value, protocol))


@given(st.text())
def test_what_a_pickle_check_meets_never_breaks_it(text: str):
    is_pickle(text.encode())


def test_text_that_calls_something_is_pickle():
    assert is_pickle(b"cos\nsystem\n(S'id'\ntR.")
    assert is_pickle(b"(S'id'\nios\nsystem\n.")
    assert not is_pickle(b"cats\nand\ndogs")
