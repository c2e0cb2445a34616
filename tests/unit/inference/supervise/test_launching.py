from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from appliance.errors import ModelError
from appliance.gpus import Device
from appliance.settings import EngineSettings, LaunchSettings, Paths, Settings
from inference.supervise.decided import by_settings
from inference.supervise.launching import Launching, devices_for, kinds
from inference.supervise.outfit import Outfit, Request
from inference.supervise.placement import NoPlace, Taken
from models.gpu import GIB
from models.store import Manifest, Store

LLAMA = "llama-3.1-8b-instruct"


def card(number: int, name: str = "NVIDIA L40S", gib: int = 45) -> Device:
    return Device(index=number, uuid=f"GPU-{number}", name=name, compute=8.9, total=gib * GIB, free=gib * GIB)


CARDS = tuple(card(number) for number in range(4))


def engine(**launch: Any) -> EngineSettings:
    return EngineSettings(name="chat", kind="vllm", launch=LaunchSettings(**{"model": LLAMA, **launch}))


def fit(
    var: Path, settings: EngineSettings, devices: tuple[Device, ...] = CARDS, *here: str, **more: Any
) -> Outfit | NoPlace:
    store = Store(var / "models")
    for name in here:
        store.install(Manifest(name=name, source="a stick", revision="1", licence="", files=()))
        store.folder(name).mkdir(parents=True, exist_ok=True)
    launching = Launching(Settings(engines=(settings,), paths=Paths(var=var)), lambda: devices)
    return launching.fit(Request(engine=settings, wanted=by_settings(settings), post="chat.1", **more))


def fitted(*given: Any, **more: Any) -> Outfit:
    found = fit(*given, **more)
    assert isinstance(found, Outfit), found
    return found


def flag(outfit: Outfit, name: str) -> str:
    argv = outfit.kept.command.argv
    return argv[argv.index(name) + 1]


def test_the_highest_precision_that_fits_and_is_here(tmp_path: Path) -> None:
    both = fitted(tmp_path, engine(), CARDS, LLAMA, f"{LLAMA}-fp8")
    assert (both.precision, both.gpus) == ("bf16", ("0",))
    assert both.kept.command.argv[2] == str(tmp_path / "models" / LLAMA)


def test_another_precision_where_only_that_is_here(tmp_path: Path) -> None:
    found = fitted(tmp_path, engine(), CARDS, f"{LLAMA}-fp8")
    assert (found.precision, found.kept.command.argv[2]) == ("fp8", str(tmp_path / "models" / f"{LLAMA}-fp8"))


def test_what_is_asked_for_is_what_is_taken(tmp_path: Path) -> None:
    assert fitted(tmp_path, engine(precision="fp8"), CARDS, LLAMA, f"{LLAMA}-fp8").precision == "fp8"


def test_weights_that_are_nowhere_are_said_with_the_way_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"`ringfence models pull {LLAMA}`"):
        fit(tmp_path, engine())
    with pytest.raises(ModelError, match=f"`ringfence models pull {LLAMA} --precision int4`"):
        fit(tmp_path, engine(precision="int4"), CARDS, LLAMA)
    with pytest.raises(ModelError, match="/nowhere/llama"):
        fit(tmp_path, engine(weights="/nowhere/llama"))


def test_weights_may_be_a_folder_or_another_name(tmp_path: Path) -> None:
    folder = tmp_path / "stick" / "llama"
    folder.mkdir(parents=True)
    assert fitted(tmp_path, engine(weights=str(folder))).kept.command.argv[2] == str(folder)
    named = fitted(tmp_path, engine(weights="our-llama"), CARDS, "our-llama")
    assert named.kept.command.argv[2] == str(tmp_path / "models" / "our-llama")


def test_what_fits_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not fit"):
        fit(tmp_path, engine(model="llama-3.3-70b-instruct"), CARDS[:1], "llama-3.3-70b-instruct")


def test_a_large_model_is_split(tmp_path: Path) -> None:
    found = fitted(tmp_path, engine(model="llama-3.3-70b-instruct"), CARDS, "llama-3.3-70b-instruct")
    assert found.gpus == ("0", "1", "2", "3") and flag(found, "--tensor-parallel-size") == "4"
    assert found.kept.command.environment["CUDA_VISIBLE_DEVICES"] == "GPU-0,GPU-1,GPU-2,GPU-3"


def test_gpus_that_are_named_hold_as_many_copies_as_they_can(tmp_path: Path) -> None:
    found = fitted(tmp_path, engine(gpus=("1", "GPU-3")), CARDS, LLAMA)
    assert found.gpus == ("1", "3") and flag(found, "--data-parallel-size") == "2"
    assert found.taken == Taken("chat", ("GPU-1", "GPU-3"), 0.92)


def test_memory_in_use_is_for_the_placement_to_see(tmp_path: Path) -> None:
    full = tuple(replace(each, free=GIB) for each in CARDS)
    found = fit(tmp_path, engine(), full, LLAMA)
    assert isinstance(found, NoPlace) and "GPU 0 has 1.0 GiB free" in found.reason


def test_one_that_takes_the_place_of_another_says_how(tmp_path: Path) -> None:
    old = Taken("chat", ("GPU-0",), 0.92)
    assert fitted(tmp_path, engine(), CARDS[:1], LLAMA, taken=(old,), old=old).way == "in place"
    assert fitted(tmp_path, engine(), CARDS[:2], LLAMA, taken=(old,), old=old).way == "beside"


def test_without_a_driver_it_waits_for_one(tmp_path: Path) -> None:
    found = fit(tmp_path, engine(), (), LLAMA)
    assert isinstance(found, NoPlace) and "launch.card" in found.reason


def test_a_card_by_its_name_stands_in_for_a_driver(tmp_path: Path) -> None:
    found = fitted(tmp_path, engine(card="l40s", gpus=("1",)), (), LLAMA)
    assert found.gpus == ("1",) and found.kept.command.environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert len(devices_for(LaunchSettings(card="4xl40s"), ())) == 4


def test_a_card_by_its_name_overrules_what_the_driver_calls_it() -> None:
    launch = LaunchSettings(card="l40s")
    [device] = devices_for(launch, CARDS[:1])
    assert (device.uuid, device.name) == ("GPU-0", "L40S")
    assert kinds([device], launch)["L40S"].kind.bandwidth > 0


def test_the_command_is_what_the_settings_say(tmp_path: Path) -> None:
    settings = replace(
        engine(share=0.5, context=4096, waiting=7, arguments=("--seed", "1"), environment={"NCCL_DEBUG": "INFO"}),
        models=("our-chat", "old-chat"),
    )
    found = fitted(tmp_path, settings, CARDS, LLAMA)
    argv = found.kept.command.argv
    assert argv[argv.index("--served-model-name") + 1 :][:2] == ("our-chat", "old-chat")
    assert (flag(found, "--gpu-memory-utilization"), flag(found, "--max-model-len")) == ("0.5", "4096")
    assert argv[-2:] == ("--seed", "1")
    assert found.kept.command.environment["NCCL_DEBUG"] == "INFO"
    assert found.post is not None and flag(found, "--uds") == found.post.socket
    assert len(found.kept.command.environment["VLLM_API_KEY"]) == 64


def test_an_embedder_says_that_it_is_one(tmp_path: Path) -> None:
    found = fitted(tmp_path, engine(model="bge-m3"), CARDS, "bge-m3")
    assert found.post is not None and found.post.embeds
