import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from appliance.settings import EngineSettings
from inference.llamacpp.launch import ChildSpec, child_command, engine_key, secret_file, served_names, socket_path

SETTINGS = EngineSettings(name="starter", kind="llamacpp", weights="smollm2-135m-instruct", slots=3, threads=2)


def test_the_command_tells_everything_but_the_key(tmp_path: Path):
    command = child_command(SETTINGS, tmp_path)
    spec = msgspec.json.decode(command.argv[-1], type=ChildSpec)
    assert (spec.name, spec.slots, spec.threads, spec.context) == ("starter", 3, 2, 0)
    assert spec.alias == "smollm2-135m-instruct"
    assert spec.weights.endswith("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
    assert spec.socket == str(socket_path("starter", tmp_path))
    assert engine_key(secret_file(tmp_path), "starter") not in " ".join(command.argv)


def test_a_model_is_known_by_its_given_names_or_its_file_s():
    assert served_names(SETTINGS) == ("smollm2-135m-instruct",)
    assert served_names(msgspec.structs.replace(SETTINGS, weights="/data/mistral-7b.gguf")) == ("mistral-7b",)
    assert served_names(msgspec.structs.replace(SETTINGS, models=("a", "b"))) == ("a", "b")


def test_a_socket_s_path_is_short_enough_and_differs_by_name_and_place(tmp_path: Path):
    places = [tmp_path, tmp_path / ("d" * 90), tmp_path / ("e" * 90)]
    paths = [socket_path(name, place) for name in ("a", "b", "n" * 200) for place in places]
    assert all(len(os.fsencode(path)) <= 100 for path in paths)
    assert len(set(paths)) == 9
    assert socket_path("a", tmp_path).is_relative_to(tmp_path)


def test_a_key_is_the_same_for_all_who_ask_and_differs_by_engine(tmp_path: Path):
    file = secret_file(tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: engine_key(file, "a"), range(64)))
    assert len(keys) == 1
    assert engine_key(file, "b") not in keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["engine.key"]
