"""llama.cpp dies or hangs: callers hear of it in time, and it heals by itself."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import openai
import pytest

from tests.acceptance.conftest import Build
from tests.acceptance.gauges import LlamaCppGauges
from tests.acceptance.product import CHAT, CHAT_MODEL, Appliance, alive, until
from tests.peers.cache import Tell

STUCK, SILENCE, CONNECT = 1.5, 3.0, 1.0
# What the watch over engines may add: two looks, two seconds apart, on a machine that is busy.
WATCH = 6.0
# Until another one has loaded its model, after some crashes in a row.
HEAL = 30.0
# A call that failed makes it look at once; that is before a new child can be up.
SOON = 0.6
STORY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Tell me a long story."}], "max_tokens": 900}
SHORT = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Hello."}], "max_tokens": 2}


@pytest.fixture(scope="module")
def fragile(build: Build) -> Iterator[Appliance]:
    bounds = {"stuck_seconds": STUCK, "silence_seconds": SILENCE, "connect_seconds": CONNECT}
    with build(engines=[{**CHAT, **bounds}]) as running:
        yield running


@pytest.fixture
def child(fragile: Appliance) -> Iterator[int]:
    """The llama.cpp process, of an appliance that is well before the test and after it."""
    [pid] = fragile.children("inference.llamacpp.child")
    yield pid
    until(lambda: answers(fragile), "it healed")
    until(fragile.ready, "and says so")


def answers(appliance: Appliance) -> bool:
    with appliance.client() as client:
        try:
            return bool(client.chat.completions.create(**SHORT).choices)
        except openai.InternalServerError as error:
            assert_refused(error, {502, 503})
            return False


class Caller(threading.Thread):
    """Asks in the background, and keeps the error it gets."""

    def __init__(self, ask: Callable[[], object]) -> None:
        super().__init__()
        self._ask = ask
        self.error: BaseException | None = None
        self.begun = time.monotonic()
        self.ended = 0.0
        self.start()

    def run(self) -> None:
        try:
            self._ask()
        except openai.OpenAIError as error:
            self.error = error
        self.ended = time.monotonic()


def ask_whole(appliance: Appliance) -> Callable[[], object]:
    def ask() -> None:
        with appliance.client() as client:
            client.chat.completions.create(**STORY, extra_body={"ignore_eos": True})

    return ask


def test_an_engine_killed_within_a_stream_is_an_error_and_comes_back(
    fragile: Appliance, child: int, tell: Tell
) -> None:
    with fragile.client() as client:
        stream = iter(client.chat.completions.create(**STORY, stream=True))
        assert next(stream).choices
        os.kill(child, signal.SIGKILL)
        killed = time.monotonic()
        with pytest.raises(openai.APIError, match="starter") as caught:
            for _ in stream:
                pass
        told = time.monotonic()
        noticed = until(lambda: not fragile.ready(), "nobody is sent there", SOON)
    assert isinstance(caught.value.body, dict) and caught.value.body["code"] == "engine_failed"
    assert told - killed < 2
    tell(f"killed llama.cpp: not ready {1000 * noticed:.0f} ms after a caller was told")
    until(lambda: fragile.children("inference.llamacpp.child") not in ([], [child]), "it is started again")
    until(lambda: answers(fragile), "it answers again")
    tell(f"killed llama.cpp: answers again after {time.monotonic() - killed:.1f} s")


def test_an_engine_killed_within_an_answer_is_a_502_with_a_remedy(fragile: Appliance, child: int) -> None:
    caller = Caller(ask_whole(fragile))
    until(lambda: LlamaCppGauges(fragile.var).running() == 1, "the engine is at work")
    os.kill(child, signal.SIGKILL)
    caller.join(20)
    assert_refused(caller.error, {502})
    until(lambda: answers(fragile), "whoever comes meanwhile is told to come again")


def test_an_engine_that_hangs_is_noticed_and_replaced(fragile: Appliance, child: int, tell: Tell) -> None:
    caller = Caller(ask_whole(fragile))
    until(lambda: LlamaCppGauges(fragile.var).running() == 1, "the engine is at work")
    os.kill(child, signal.SIGSTOP)
    stopped = time.monotonic()
    until(lambda: not alive(child), "it is seen to hang, and killed", STUCK + WATCH)
    tell(f"hung llama.cpp: killed after {time.monotonic() - stopped:.1f} s")
    caller.join(SILENCE + WATCH)
    assert_refused(caller.error, {502, 503})
    assert caller.ended - stopped < SILENCE + WATCH
    until(lambda: answers(fragile), "another one answers, and nobody waits for one that hangs", HEAL)
    tell(f"hung llama.cpp: answers again after {time.monotonic() - stopped:.1f} s")
    assert fragile.children("inference.llamacpp.child") != [child]


def test_an_idle_engine_that_hangs_is_replaced_too(fragile: Appliance, child: int) -> None:
    os.kill(child, signal.SIGSTOP)
    until(lambda: not alive(child), "it is seen to hang, and killed", STUCK + WATCH)
    assert fragile.get("/health/live")[0] == 200
    until(lambda: answers(fragile), "another one answers", HEAL)


def test_an_engine_that_hangs_within_a_stream_ends_it(fragile: Appliance, child: int) -> None:
    with fragile.client() as client:
        stream = iter(client.chat.completions.create(**STORY, stream=True))
        assert next(stream).choices
        os.kill(child, signal.SIGSTOP)
        stopped = time.monotonic()
        with pytest.raises(openai.APIError) as caught:
            for _ in stream:
                pass
    # The caller's patience with silence ends, or the engine is killed before that.
    assert isinstance(caught.value.body, dict) and caught.value.body["code"] in ("engine_timeout", "engine_failed")
    assert time.monotonic() - stopped < SILENCE + WATCH


def assert_refused(error: BaseException | None, statuses: set[int]) -> None:
    assert isinstance(error, openai.APIStatusError), f"not refused: {error!r}"
    assert error.status_code in statuses
    assert int(error.response.headers["retry-after"]) >= 1
    assert error.code in ("engine_failed", "engine_timeout", "engine_unavailable")
    assert error.request_id
