import json
import logging
from pathlib import Path

import pytest
from msgspec.structs import replace

from appliance.settings import AdapterSettings, EngineSettings, LaunchSettings
from inference.control import Order
from inference.supervise import decided
from inference.supervise.decided import Decided, Wanted

ADAPTER = AdapterSettings(name="tickets", folder=Path("/srv/tickets"), tenants=("acme",))
CHAT = EngineSettings(
    name="chat", kind="vllm", launch=LaunchSettings(model="one", adapters=(ADAPTER,), adapter_slots=1)
)
WANTED = decided.by_settings(CHAT)


def test_what_was_decided_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    two = replace(WANTED, model="two", stopped=True)
    decided.write(tmp_path, decided.decide([(CHAT, two)], {"GPU-1": "it fell off the bus"}))
    read = decided.read(tmp_path)
    assert decided.wanted_now(CHAT, read) == two
    assert read.set_aside == {"GPU-1": "it fell off the bus"}
    file = tmp_path / "engines.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_the_settings_say_anyway_is_not_kept() -> None:
    assert decided.decide([(CHAT, WANTED)], {}) == Decided()


@pytest.mark.parametrize("changed", [{"model": "three"}, {"precision": "fp8"}, {"adapters": ()}, {"weights": "x"}])
def test_settings_that_changed_win(changed: dict[str, object]) -> None:
    known = decided.decide([(CHAT, replace(WANTED, model="two"))], {})
    now = replace(CHAT, launch=replace(CHAT.launch, **changed))
    assert decided.wanted_now(now, known) == decided.by_settings(now)


def test_settings_of_other_things_change_nothing_of_it() -> None:
    two = replace(WANTED, model="two")
    now = replace(CHAT, stuck_seconds=7.0, launch=replace(CHAT.launch, share=0.5, arguments=("--x",)))
    assert decided.wanted_now(now, decided.decide([(CHAT, two)], {})) == two


@pytest.mark.parametrize("text", ["", "[]", '{"engines": {"chat": 1}}', "\0"])
def test_a_broken_file_decides_nothing_and_is_told(text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "engines.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert decided.read(tmp_path) == Decided()
    assert "cannot be read" in caplog.text


def test_a_folder_that_cannot_be_written_costs_the_file_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "var").touch()
    decided.write(tmp_path / "var", Decided())
    assert "cannot be written" in caplog.text


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    decided.write(tmp_path, decided.decide([(CHAT, replace(WANTED, model="two"))], {}))
    text = json.loads((tmp_path / "engines.json").read_text())
    assert text["engines"]["chat"]["wanted"]["adapters"] == [
        {"name": "tickets", "folder": "/srv/tickets", "tenants": ["acme"]}
    ]


def test_a_swap_keeps_the_names_and_adds_the_new_one() -> None:
    two = decided.swapped(replace(WANTED, stopped=True), Order(verb="swap", model="two"), WANTED)
    assert two == Wanted(model="two", names=("one", "two"))
    assert decided.swapped(two, Order(verb="swap", model="one"), WANTED).names == ("one", "two")


def test_a_swap_without_a_model_is_a_fresh_process_of_the_same() -> None:
    assert decided.swapped(WANTED, Order(verb="swap"), WANTED) == WANTED


def test_another_precision_of_the_same_model_has_other_weights() -> None:
    here = replace(WANTED, weights="/srv/one", precision="bf16")
    fp8 = decided.swapped(here, Order(verb="swap", precision="fp8"), WANTED)
    assert (fp8.precision, fp8.weights, fp8.adapters) == ("fp8", "", (ADAPTER,))
    assert decided.swapped(here, Order(verb="swap", weights="/srv/new"), WANTED).weights == "/srv/new"


def test_the_way_back_is_to_what_the_settings_say() -> None:
    said = replace(WANTED, weights="/srv/one", precision="fp8")
    two = decided.swapped(said, Order(verb="swap", model="two"), said)
    back = decided.swapped(two, Order(verb="swap", model="one"), said)
    assert (back.weights, back.precision) == ("/srv/one", "fp8")
    other = decided.swapped(two, Order(verb="swap", model="one", precision="int4"), said)
    assert (other.weights, other.precision) == ("", "int4")


def test_llamacpp_runs_its_weights() -> None:
    engine = EngineSettings(name="starter", kind="llamacpp", weights="some/model.gguf")
    assert decided.by_settings(engine) == Wanted(model="some/model.gguf", names=("model",))
