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


def test_it_answers_to_every_name(llama: Launch):
    argv = command(structs.replace(llama, names=("chat", "llama-3.1-8b-instruct"))).argv
    first = argv.index("--served-model-name")
    assert argv[first + 1 : first + 3] == ("chat", "llama-3.1-8b-instruct")
    assert argv[first + 3].startswith("--")


def test_a_share_is_what_vllm_may_take(llama: Launch):
    assert flags(with_wish(llama, Wish(utilization=0.45)))["--gpu-memory-utilization"] == "0.45"


def with_wish(given: Launch, wish: Wish, split: Split = Split()) -> Launch:  # noqa: B008
    case = given.case
    return structs.replace(given, case=Case(case.model, case.build, case.gpus, split, wish))


def test_adapters_have_slots_and_come_with_it(llama: Launch):
    wish = Wish(adapter_slots=4, adapter_rank=64)
    started = command(structs.replace(with_wish(llama, wish), adapters={"billing": Path("/srv/a=b,c")}))
    assert started.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"
    assert started.environment["VLLM_LORA_RESOLVER_CACHE_DIR"] == ""
    at = started.argv.index("--enable-lora")
    assert started.argv[at : at + 7] == (
        *("--enable-lora", "--max-loras", "4", "--max-lora-rank", "64"),
        *("--lora-modules", '{"name": "billing", "path": "/srv/a=b,c"}'),
    )


def test_without_slots_no_door_for_adapters_is_open(llama: Launch):
    started = command(llama)
    assert started.environment["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "0"
    assert "--enable-lora" not in started.argv


def test_copies_with_adapters_have_one_door(llama: Launch):
    copies = structs.replace(with_wish(llama, Wish(adapter_slots=1)), devices=("0", "1"))
    assert flags(copies)["--api-server-count"] == "1"
    assert "--api-server-count" not in flags(structs.replace(llama, devices=("0", "1")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"adapters": {"a": Path("/a"), "b": Path("/b")}}, "has 1 slots for 2 adapters"),
        ({"adapters": {"chat": Path("/a")}, "names": ("chat",)}, "'chat' has the name of its model"),
        ({"answers_at": 8001}, "Give an engine with adapters a socket"),
    ],
)
def test_adapters_that_cannot_be_are_refused(llama: Launch, change: dict[str, object], message: str):
    with pytest.raises(ConfigError, match=message):
        command(structs.replace(with_wish(llama, Wish(adapter_slots=1)), **change))


def test_what_writes_no_text_takes_no_adapter():
    with pytest.raises(ConfigError, match="writes no text"):
        command(with_wish(launch(SHELF["bge-m3"]), Wish(adapter_slots=1)))


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
