import os
from pathlib import Path

import pytest

from api import serve
from appliance.errors import RingfenceError
from appliance.settings import EngineSettings, LaunchSettings, Paths, Server, Settings


def test_one_appliance_runs_on_a_folder(tmp_path: Path) -> None:
    with (
        serve.only_one(tmp_path / "run"),
        pytest.raises(RingfenceError, match=rf"process {os.getpid()}.*RINGFENCE_PATHS_VAR"),
        serve.only_one(tmp_path / "run"),
    ):
        pass


def test_running_names_the_process_while_it_runs(tmp_path: Path) -> None:
    assert serve.running(tmp_path / "run") is None
    with serve.only_one(tmp_path / "run"):
        assert serve.running(tmp_path / "run") == os.getpid()
    assert serve.running(tmp_path / "run") is None


def test_series_of_the_last_run_are_not_counted_again(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "metrics"
    folder.mkdir(parents=True)
    (folder / "counter_1.db").touch()
    assert serve.fresh_metrics(Settings(paths=Paths(var=tmp_path))) == folder
    assert list(folder.iterdir()) == []


def test_workers_are_as_many_as_asked_for_or_one_per_core_up_to_four() -> None:
    assert serve.worker_count(Server(workers=7)) == 7
    assert serve.worker_count(Server()) == min(4, len(os.sched_getaffinity(0)))


def test_only_engines_that_run_here_are_kept_running(tmp_path: Path) -> None:
    child = EngineSettings(name="child", kind="llamacpp", weights="smollm2-135m-instruct")
    launched = EngineSettings(name="launched", kind="vllm", launch=LaunchSettings(model="llama-3.1-8b-instruct"))
    there = EngineSettings(name="there", kind="vllm", models=("m",), urls=("http://10.0.0.5:8000",))
    here = serve.engines_here(Settings(engines=(child, launched, there), paths=Paths(var=tmp_path)))
    assert [engine.name for engine in here] == ["child", "launched"]
