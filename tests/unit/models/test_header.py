from pathlib import Path

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import ModelError
from models.header import context_length, read_header


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_token_list(["a", "b", "é"])
    writer.add_array("scores", [0.5, 1.5])
    writer.add_context_length(4096)
    writer.add_layer_norm_rms_eps(0.5)
    writer.add_bool("yes", True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


def test_what_stands_between_arrays_is_found(file: Path):
    header = read_header(file)
    assert header["general.architecture"] == "llama"
    assert header["llama.attention.layer_norm_rms_epsilon"] == 0.5
    assert header["yes"] is True
    assert "scores" not in header
    assert context_length(header) == 4096


def test_a_file_that_does_not_say_its_context():
    assert context_length({"general.architecture": "llama"}) == 0


def test_a_file_cut_off_anywhere_is_refused(file: Path):
    whole = file.read_bytes()
    for end in range(0, len(whole), 7):
        file.write_bytes(whole[:end])
        with pytest.raises(ModelError, match=r"model\.gguf"):
            read_header(file)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    file = tmp_path_factory.mktemp("bytes") / "model.gguf"
    file.write_bytes(b"GGUF" + data)
    try:
        assert isinstance(read_header(file), dict)
    except ModelError as error:
        assert "model.gguf" in error.message


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ModelError, match=r"none\.gguf"):
        read_header(tmp_path / "none.gguf")
