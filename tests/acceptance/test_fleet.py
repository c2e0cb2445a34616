"""Real vLLM that the appliance starts itself: swapped under load, killed, hung, and stopped."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.acceptance.product import Appliance, alive, children_of, until
from tests.peers import vllm
from tests.peers.cache import Tell, compiled_patterns
from tests.peers.shelf import shelf_file
from tests.peers.vllm import FLAGS, SETTINGS, VllmInstall

# Models of the shelf with the same weights, so that one download serves all.
FIRST, SECOND, BROKEN = "smollm2-first", "smollm2-second", "smollm2-broken"
# A start of vLLM on a CPU takes 40 seconds, and minutes where others want the CPU too.
START = 600.0
STUCK = 10.0
# What may pass between the threshold and the death of one that hangs.
NOTICE = 15.0
CALLERS = 4
BRIEF = {"model": FIRST, "messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 8}
STORY = {**BRIEF, "max_tokens": 1500, "extra_body": {"ignore_eos": True}}


# The server in front and the engine are two processes, as on a GPU: the one can outlive the other.
APART = {**SETTINGS, "VLLM_ENABLE_V1_MULTIPROCESSING": "1"}


def engine(installed: VllmInstall, share: float, environment: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "name": "chat",
        "kind": "vllm",
        "stuck_seconds": STUCK,
        "launch": {
            "model": FIRST,
            "weights": str(installed.model),
            "card": "16GiB",
            "share": share,
            "context": 2048,
            "program": [*vllm.program(installed), "serve"],
            "arguments": [*FLAGS],
            "environment": environment,
        },
    }


@contextmanager
def fleet(
    folder: Path, installed: VllmInstall, share: float, tell: Tell, environment: Mapping[str, str] = SETTINGS
) -> Iterator[Appliance]:
    shelf = folder / "shelf"
    (shelf / "models").mkdir(parents=True)
    (folder / "shelf.toml").write_text(shelf_file(FIRST, SECOND, BROKEN))
    paths = {
        "var": str(folder / "ringfence" / "var"),
        "cache": str(compiled_patterns()),
        "shelf": str(folder / "shelf.toml"),
    }
    settings = {"paths": paths, "engines": [engine(installed, share, environment)], "server": {"workers": 2}}
    made = Appliance(folder / "ringfence", shelf, settings)
    made.command("init")
    made.begin()
    try:
        tell(f"vLLM, started by the appliance: ready after {until(made.ready, 'it is ready', START):.0f} s")
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def beside(vllm_install: VllmInstall, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Iterator[Appliance]:
    """Two vLLMs have room at once."""
    with fleet(tmp_path_factory.mktemp("beside"), vllm_install, 0.45, tell) as running:
        yield running


@pytest.fixture(scope="module")
def in_place(vllm_install: VllmInstall, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Iterator[Appliance]:
    """Only one has."""
    with fleet(tmp_path_factory.mktemp("place"), vllm_install, 0.9, tell, APART) as running:
        yield running


def status(appliance: Appliance) -> dict[str, Any]:
    [found] = json.loads(appliance.command("engines", "list", "--json").stdout)["engines"]
    assert isinstance(found, dict)
    return found


class Callers:
    """Threads that ask again and again, half of them for a stream."""

    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        self.stop = threading.Event()
        self.answered = 0
        self.longest = 0.0
        self.failures: list[str] = []

    def _go_on(self, stream: bool) -> None:
        with self._appliance.client(timeout=START) as client:
            while not self.stop.is_set():
                begun = time.monotonic()
                try:
                    told = client.chat.completions.create(**BRIEF, stream=stream)  # type: ignore[call-overload]
                    if stream:
                        assert [chunk for chunk in told if chunk.choices and chunk.choices[0].finish_reason]
                    self.answered += 1
                except (openai.OpenAIError, AssertionError) as error:
                    self.failures.append(repr(error))
                self.longest = max(self.longest, time.monotonic() - begun)

    @contextmanager
    def asking(self) -> Iterator["Callers"]:
        threads = [threading.Thread(target=self._go_on, args=(bool(index % 2),)) for index in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()


def swap_under_load(appliance: Appliance, order: Sequence[str], tell: Tell) -> subprocess.CompletedProcess[str]:
    """Nobody who asks meanwhile goes without an answer."""
    with Callers(appliance).asking() as callers:
        until(lambda: callers.answered > CALLERS, "they are answered")
        begun = time.monotonic()
        done = appliance.command("engines", "swap", "chat", *order, check=False)
        took = time.monotonic() - begun
        before = callers.answered
        until(lambda: callers.answered > before + CALLERS, "they are answered afterwards", START)
    tell(f"swap {' '.join(order[:1])} in {took:.0f} s: {callers.answered} answered, {len(callers.failures)} failed, "
         f"longest {callers.longest:.1f} s")  # fmt: skip
    assert callers.failures == [], done.stderr
    return done


def weights(installed: VllmInstall) -> tuple[str, str]:
    return ("--weights", str(installed.model))


@pytest.mark.timeout(1800)
def test_a_swap_beside_loses_no_request(beside: Appliance, vllm_install: VllmInstall, tell: Tell) -> None:
    done = swap_under_load(beside, (SECOND, *weights(vllm_install)), tell)
    assert done.returncode == 0 and "beside" in done.stderr
    assert status(beside)["model"] == SECOND and set(status(beside)["names"]) == {FIRST, SECOND}


@pytest.mark.timeout(1800)
def test_a_rolling_restart_loses_no_request(beside: Appliance, tell: Tell) -> None:
    before = status(beside)["pid"]
    assert swap_under_load(beside, (), tell).returncode == 0
    assert status(beside)["model"] == SECOND
    assert status(beside)["pid"] != before and not alive(before)


def test_a_caller_who_sleeps_within_a_stream_holds_up_nobody(beside: Appliance) -> None:
    with beside.client() as sleeper, beside.client() as other:
        stream = iter(sleeper.chat.completions.create(**STORY, stream=True))  # type: ignore[call-overload]
        next(stream)
        for _ in range(3):
            assert other.chat.completions.create(**BRIEF).choices  # type: ignore[call-overload]
        time.sleep(4)
        assert list(stream)[-1].choices[0].finish_reason == "length"


@pytest.mark.timeout(1800)
def test_a_killed_engine_is_an_error_in_flight_and_comes_back(beside: Appliance, tell: Tell) -> None:
    victim = status(beside)["pid"]
    errors: list[BaseException] = []
    asking = threading.Thread(target=lambda: errors.append(error_of(beside, lambda: story(beside))))
    asking.start()
    until(lambda: status(beside)["running"] == 1, "the engine is at work")
    os.kill(victim, signal.SIGKILL)
    killed = time.monotonic()
    asking.join(60)
    [error] = errors
    assert isinstance(error, openai.APIStatusError) and error.status_code == 502
    assert int(error.response.headers["retry-after"]) >= 1
    until(lambda: answers(beside), "it is started again and answers", START)
    tell(f"killed vLLM: answers again after {time.monotonic() - killed:.0f} s")
    assert "SIGKILL" in beside.command("engines", "why", "chat").stdout


@pytest.mark.timeout(1800)
def test_the_end_of_the_appliance_is_the_end_of_its_engines(beside: Appliance) -> None:
    pid = status(beside)["pid"]
    with Callers(beside).asking() as callers:
        until(lambda: callers.answered > CALLERS, "they are answered")
        callers.stop.set()
        beside.signal(signal.SIGTERM)
    assert callers.failures == []
    assert beside.wait(120) == 0
    assert not alive(pid)


@pytest.mark.timeout(1800)
def test_a_swap_in_place_lets_requests_wait(in_place: Appliance, vllm_install: VllmInstall, tell: Tell) -> None:
    done = swap_under_load(in_place, (SECOND, *weights(vllm_install)), tell)
    assert done.returncode == 0 and "in place" in done.stderr
    assert status(in_place)["model"] == SECOND


@pytest.mark.timeout(1800)
def test_a_model_that_does_not_come_up_makes_way_for_the_old_one(
    in_place: Appliance, tmp_path: Path, tell: Tell
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(bytes(64))
    done = swap_under_load(in_place, (BROKEN, "--weights", str(tmp_path)), tell)
    assert done.returncode == 1 and f"{SECOND} serves again" in done.stderr
    assert status(in_place)["model"] == SECOND


@pytest.mark.timeout(1800)
def test_a_hung_engine_is_replaced_though_its_server_says_that_it_is_well(in_place: Appliance, tell: Tell) -> None:
    front = status(in_place)["pid"]
    [core] = [pid for pid in children_of(front) if "EngineCore" in Path(f"/proc/{pid}/cmdline").read_text()]
    errors: list[BaseException] = []
    asking = threading.Thread(target=lambda: errors.append(error_of(in_place, lambda: story(in_place))))
    asking.start()
    until(lambda: status(in_place)["running"] == 1, "the engine is at work")
    os.kill(core, signal.SIGSTOP)
    hung = time.monotonic()
    noticed = until(lambda: not alive(front), "it is seen to hang, and killed", STUCK + NOTICE)
    tell(f"hung vLLM: killed {noticed:.1f} s after it hung, with a threshold of {STUCK:.0f} s")
    asking.join(60)
    [error] = errors
    assert isinstance(error, openai.APIStatusError) and error.status_code == 502
    until(lambda: answers(in_place), "another one answers", START)
    tell(f"hung vLLM: answers again after {time.monotonic() - hung:.0f} s")
    assert "hung" in in_place.command("engines", "why", "chat").stdout


def story(appliance: Appliance) -> object:
    with appliance.client() as client:
        return client.chat.completions.create(**STORY)  # type: ignore[call-overload]


def error_of(appliance: Appliance, ask: Callable[[], object]) -> BaseException:
    try:
        ask()
    except openai.OpenAIError as error:
        return error
    return AssertionError("it was answered")


def answers(appliance: Appliance) -> bool:
    with appliance.client() as client:
        try:
            return bool(client.chat.completions.create(**BRIEF).choices)  # type: ignore[call-overload]
        except openai.APIError:
            return False
