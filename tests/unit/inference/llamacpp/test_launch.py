from pathlib import Path

import msgspec

from appliance.settings import EngineSettings
from inference.llamacpp.launch import ChildSpec, child_command, served_names
from inference.local import engine_key, secret_file, socket_path

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
