import re
from pathlib import Path

import pytest

from appliance.errors import ModelError
from appliance.settings import STARTER_ENGINES
from models.spec import find, shelf, weights_path
from models.store import Manifest, Store, StoredFile


def test_the_shelf_holds_what_the_default_settings_name():
    assert {engine.weights for engine in STARTER_ENGINES} <= shelf().keys()
    for engine in STARTER_ENGINES:
        assert engine.embeds == (find(engine.weights).purpose == "embeddings")


@pytest.mark.parametrize("name", list(shelf()))
def test_every_row_pins_what_it_takes(name: str):
    spec = find(name)
    assert re.fullmatch(r"[\d.]+", spec.version)
    assert spec.licence
    assert spec.origin
    for digest in (spec.sha256, *spec.files.values()):
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert spec.convert or [*spec.files.values()] == [spec.sha256]


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ModelError, match="smollm2-135m-instruct"):
        find("gpt-x")


def test_weights_are_a_name_on_the_shelf_or_a_file():
    on_shelf = weights_path("smollm2-135m-instruct", Path("/v"))
    assert on_shelf == Path("/v/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
    assert weights_path("/data/llama.gguf", Path("/v")) == Path("/data/llama.gguf")


def test_weights_are_a_name_in_the_store_too(tmp_path: Path):
    files = tuple(StoredFile(path, 4, "0" * 64) for path in ("README.md", "q-00002-of-2.gguf", "q-00001-of-2.gguf"))
    Store(tmp_path / "models").adopt(Manifest(name="big", source="", files=files))
    assert weights_path("big", tmp_path) == tmp_path / "models" / "big" / "q-00001-of-2.gguf"
    assert weights_path("other", tmp_path) == Path("other")
