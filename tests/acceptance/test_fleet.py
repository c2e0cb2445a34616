"""Real vLLM that the appliance starts itself: swapped under load, killed, hung, and stopped."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.acceptance.product import Appliance, alive, until
from tests.peers import vllm
from tests.peers.cache import Tell, compiled_patterns, user_cache
from tests.peers.missing import skipping_when_missing
from tests.peers.vllm import FLAGS, SETTINGS, VllmInstall

# Two models of the shelf with the same weights, so that one download serves both.
FIRST, SECOND = "smollm2-first", "smollm2-second"
ROW = """
[[model]]
name = "{name}"
purpose = "chat"
about = "The starter model."
good_for = "Tests."
licence = "Apache-2.0"
context = 8192
builds = [{{precision = "bf16", repository = "none/{name}", bytes = 269060736}}]
[model.architecture]
kind = "decoder"
layers = 30
hidden = 576
intermediate = 1536
heads = 9
kv_heads = 3
head_size = 64
vocabulary = 49152
tied = true
"""
# A start of vLLM on a CPU takes 40 seconds, and minutes where others want the CPU too.
START = 600.0
STUCK = 10.0
# What may pass between the threshold and the death of one that hangs.
NOTICE = 15.0
CALLERS = 4
BRIEF = {"model": FIRST, "messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 8}
STORY = {**BRIEF, "max_tokens": 1500, "extra_body": {"ignore_eos": True}}


@pytest.fixture(scope="session")
def installed(tell: Tell) -> VllmInstall:
    with skipping_when_missing():
        return vllm.install(user_cache() / "peers", tell)


def engine(installed: VllmInstall, share: float) -> Mapping[str, Any]:
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
            "environment": SETTINGS,
        },
    }


@contextmanager
def fleet(folder: Path, installed: VllmInstall, share: float, tell: Tell) -> Iterator[Appliance]:
    shelf = folder / "shelf"
    (shelf / "models").mkdir(parents=True)
    (folder / "shelf.toml").write_text("".join(ROW.format(name=name) for name in (FIRST, SECOND)))
    paths = {
        "var": str(folder / "ringfence" / "var"),
        "cache": str(compiled_patterns()),
        "shelf": str(folder / "shelf.toml"),
    }
    settings = {"paths": paths, "engines": [engine(installed, share)], "server": {"workers": 2}}
    made = Appliance(folder / "ringfence", shelf, settings)
    made.command("init")
    made.begin()
    try:
        tell(f"vLLM, started by the appliance: ready after {until(made.ready, 'it is ready', START):.0f} s")
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def beside(installed: VllmInstall, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Iterator[Appliance]:
    with fleet(tmp_path_factory.mktemp("beside"), installed, 0.45, tell) as running:
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


def swap_under_load(appliance: Appliance, model: str, installed: VllmInstall, tell: Tell) -> None:
    with Callers(appliance).asking() as callers:
        until(lambda: callers.answered > CALLERS, "they are answered")
        begun = time.monotonic()
        done = appliance.command("engines", "swap", "chat", model, "--weights", str(installed.model))
        took = time.monotonic() - begun
        before = callers.answered
        until(lambda: callers.answered > before + CALLERS, "the new one answers them", START)
    tell(f"swap to {model} in {took:.0f} s: {callers.answered} answered, {len(callers.failures)} failed, longest "
         f"{callers.longest:.1f} s")  # fmt: skip
    assert callers.failures == [], done.stderr
    assert status(appliance)["model"] == model


@pytest.mark.timeout(1800)
def test_a_swap_beside_loses_no_request(beside: Appliance, installed: VllmInstall, tell: Tell) -> None:
    swap_under_load(beside, SECOND, installed, tell)
    assert set(status(beside)["names"]) == {FIRST, SECOND}


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
def test_a_hung_engine_is_replaced(beside: Appliance, tell: Tell) -> None:
    victim = status(beside)["pid"]
    os.kill(victim, signal.SIGSTOP)
    hung = time.monotonic()
    noticed = until(lambda: not alive(victim), "it is seen to hang, and killed", STUCK + NOTICE)
    tell(f"hung vLLM: killed {noticed:.1f} s after it hung, with a threshold of {STUCK:.0f} s")
    until(lambda: answers(beside), "another one answers", START)
    tell(f"hung vLLM: answers again after {time.monotonic() - hung:.0f} s")


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
def test_a_swap_in_place_lets_requests_wait(
    installed: VllmInstall, tmp_path_factory: pytest.TempPathFactory, tell: Tell
) -> None:
    with fleet(tmp_path_factory.mktemp("place"), installed, 0.9, tell) as running:
        swap_under_load(running, SECOND, installed, tell)


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
