from pathlib import Path

import pytest
from msgspec import structs

from appliance.errors import ConfigError
from inference.launch import QUEUED_STEPS, Launch, command, step_tokens
from models.fit import Case, Wish
from models.gpu import parse
from models.memory import Split, default_load
from models.shelf import shelf
from tests.unit.inference.launches import FOLDER, launch, text

SHELF = shelf()


@pytest.fixture
def llama() -> Launch:
    return launch(SHELF["llama-3.1-8b-instruct"])


def flags(given: Launch) -> dict[str, str]:
    argv = command(given).argv
    return {flag: value for flag, value in zip(argv, (*argv[1:], ""), strict=True) if flag.startswith("--")}


@pytest.mark.parametrize("name", SHELF)
def test_each_row_is_launched_as_its_file_says(name: str):
    """Read the difference; when it is meant, `python -m tests.unit.inference.launches` writes the files anew."""
    assert text(command(launch(SHELF[name]))) == (FOLDER / f"{name}.txt").read_text()


def test_no_file_is_left_of_a_row_that_went():
    assert {file.stem for file in FOLDER.iterdir()} == set(SHELF)


def test_the_key_stands_in_the_environment_alone(llama: Launch):
    started = command(structs.replace(llama, key="sesame-open"))
    assert started.environment["VLLM_API_KEY"] == "sesame-open"
    assert "sesame-open" not in " ".join(started.argv)


def test_parts_and_copies_take_the_devices_they_are_given(llama: Launch):
    case = Case(llama.case.model, llama.case.build, parse("8xl40s"), Split(2, 2), Wish())
    given = structs.replace(llama, case=case, devices=("3", "2", "5", "4", "0", "1", "7", "6"), waiting=10)
    said = flags(given)
    assert said["--tensor-parallel-size"] == said["--pipeline-parallel-size"] == said["--data-parallel-size"] == "2"
    assert command(given).environment["CUDA_VISIBLE_DEVICES"] == "3,2,5,4,0,1,7,6"
    assert said["--max-num-queued-reqs"] == str(2 * 256 + 10)
    assert said["--max-num-queued-tokens"] == str(2 * 2048 * QUEUED_STEPS)


def test_its_limits_are_those_that_the_fit_counts_with(llama: Launch):
    case = Case(llama.case.model, llama.case.build, parse("h200"), Split(), Wish(32_768, 300, 1))
    said = flags(structs.replace(llama, case=case))
    load = default_load(case.gpus.kind)
    assert said["--max-model-len"] == "32768"
    assert said["--max-num-seqs"] == "300"
    assert said["--max-num-batched-tokens"] == str(load.batched_tokens) == "8192"
    assert said["--gpu-memory-utilization"] == str(load.utilization)
    assert said["--kv-cache-dtype"] == "fp8"


def test_an_encoder_reads_its_longest_text_in_one_step():
    assert step_tokens(launch(SHELF["bge-m3"]).case) == SHELF["bge-m3"].context
    assert step_tokens(launch(SHELF["qwen3-embedding-0.6b"]).case) == 2048


def test_a_port_is_on_loopback(llama: Launch):
    said = flags(structs.replace(llama, answers_at=8001))
    assert (said["--host"], said["--port"]) == ("127.0.0.1", "8001")
    assert "--uds" not in said


def test_a_build_without_mistrals_tokenizer_gets_our_template():
    given = launch(SHELF["mistral-7b-instruct-v0.3"])
    assert "--chat-template" not in flags(given)
    other = flags(structs.replace(given, mistral_tokenizer=False))
    assert "--tokenizer-mode" not in other
    assert other["--chat-template"].endswith("/models/templates/mistral_v3.jinja")


def test_pickle_is_never_loaded_where_vllm_has_no_choice_to_make():
    said = {name: flags(launch(model)).get("--load-format") for name, model in SHELF.items()}
    assert {name for name, kind in said.items() if kind is None} == {
        name for name, model in SHELF.items() if model.tokenizer_mode == "mistral"
    }
    assert set(said.values()) == {"safetensors", None}


def test_an_operators_own_flags_come_last(llama: Launch):
    assert command(structs.replace(llama, more=("--seed", "7"))).argv[-2:] == ("--seed", "7")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": ""}, "without a key"),
        ({"devices": ()}, "got none"),
        ({"devices": ("0", "0")}, "each of them once"),
        ({"answers_at": Path("/") / ("x" * 120)}, "longer path"),
    ],
)
def test_what_cannot_be_started_is_refused(llama: Launch, change: dict[str, object], message: str):
    with pytest.raises(ConfigError, match=message):
        command(structs.replace(llama, **change))


def test_devices_fill_whole_copies():
    given = launch(SHELF["llama-3.3-70b-instruct"])
    case = Case(given.case.model, given.case.build, given.case.gpus, Split(2), Wish())
    with pytest.raises(ConfigError, match="laid over 2 GPUs"):
        command(structs.replace(given, case=case, devices=("0", "1", "2")))
