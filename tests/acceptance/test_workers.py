"""Four workers are one appliance: one limit, one budget, one ledger, one door. On both databases."""

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import openai
import pytest

from tests.acceptance.conftest import Build
from tests.acceptance.load import AT_ONCE, EMBED, ask, ask_many, under_load
from tests.acceptance.product import CHAT, CHAT_MODEL, EMBEDDER, EMBEDDING_MODEL, Appliance, until
from tests.peers.cache import Tell

WORKERS = 4
PER_MINUTE = 60
BUDGET = 1500
DRAIN = 20.0
SETTINGS = {
    "server": {"workers": WORKERS, "drain_seconds": DRAIN},
    # Only keys that belong to a user are held to a rate, and only embeddings cost money: a micro-unit a token.
    "limits": {
        "user": {"requests_per_minute": PER_MINUTE},
        "tenant": {"money_per_day": BUDGET},
        "prices": {EMBEDDING_MODEL: {"prompt": 1000}},
    },
    "engines": [CHAT, EMBEDDER],
}
STORY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Tell me a story."}]}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, build: Build) -> Iterator[Appliance]:
    if request.param == "sqlite":
        with build(**SETTINGS) as running:
            yield running
        return
    with request.getfixturevalue("postgres").database() as url, build(database={"url": url}, **SETTINGS) as running:
        yield running


@pytest.fixture
def crowd(shared: Appliance) -> Appliance:
    """The appliance, started again when the test before stopped it."""
    assert shared.process is not None
    if shared.process.poll() is not None:
        shared.start()
    until(lambda: len(shared.children("api.worker")) == WORKERS, "all workers are there")
    return shared


def test_a_limit_is_exact_over_all_workers(crowd: Appliance) -> None:
    crowd.command("users", "create", "caller", "--role", "agent")
    key = crowd.new_key("--user", "caller")[1]
    wait_for_minute(room=20)
    answers = ask_many(crowd, key, 2 * PER_MINUTE)
    assert Counter(answer.status for answer in answers) == {200: PER_MINUTE, 429: PER_MINUTE}
    assert len({answer.worker for answer in answers if answer.status == 200}) > 1, "one worker cannot race"
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.code for answer in refused} == {"rate_limit_exceeded"}
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)
    admitted = [answer for answer in answers if answer.status == 200]
    assert {answer.headers["x-ratelimit-limit-requests"] for answer in admitted} == {str(PER_MINUTE)}


def test_parallel_spenders_stay_within_the_budget(crowd: Appliance, tell: Tell) -> None:
    crowd.command("tenants", "create", "spender")
    key = crowd.new_key("--tenant", "spender")[1]
    answers = ask_many(crowd, key, 2 * BUDGET // 9, EMBED)
    spent = sum(answer.body["usage"]["prompt_tokens"] for answer in answers if answer.status == 200)
    tell(f"{spent} of {BUDGET} micro-units spent by {AT_ONCE} at once")
    assert 0.8 * BUDGET < spent <= BUDGET
    assert {answer.status for answer in answers} == {200, 429}, Counter(answer.code for answer in answers)
    # What ran a moment ago had reserved more than it took: only now it is sure that nothing is left.
    last = ask(crowd, key, EMBED)
    while last.status == 200:
        spent += last.body["usage"]["prompt_tokens"]
        last = ask(crowd, key, EMBED)
    assert (last.status, last.code, last.headers["x-should-retry"]) == (429, "insufficient_quota", "false")
    assert spent <= BUDGET
    entries = [entry for entry in crowd.ledger() if entry["tenant"] == "spender"]
    assert sum(entry.get("money", 0) for entry in entries) == spent


def test_every_answer_is_in_the_ledger_once(crowd: Appliance) -> None:
    answers = ask_many(crowd, crowd.key, 200)
    assert {answer.status for answer in answers} == {200}
    asked = {answer.request_id for answer in answers}
    assert len(asked) == 200
    until(lambda: asked <= {entry["request_id"] for entry in crowd.ledger()}, "the last batch is stored")
    entries = [entry for entry in crowd.ledger() if entry["request_id"] in asked]
    assert len(entries) == 200
    assert {(entry["action"], entry["code"]) for entry in entries} == {("tokenize", "ok")}
    assert len({entry["writer"] for entry in entries}) == len({answer.worker for answer in answers}) > 1
    crowd.verify()


def test_a_key_works_at_once_and_is_refused_within_a_second(crowd: Appliance, tell: Tell) -> None:
    taken = revoke(crowd)
    if taken > 1.0:  # once may be the fault of a busy machine
        taken = revoke(crowd)
    tell(f"revoked key: last accepted {taken:.2f} s after it was revoked")
    assert taken <= 1.0


def revoke(crowd: Appliance) -> float:
    """Seconds from the revocation to the last answer that the key was given."""
    name, key = crowd.new_key()
    with under_load(crowd, key, callers=6) as answers:
        until(lambda: len({answer.worker for answer in answers}) == WORKERS, "every worker knows the key")
        crowd.command("keys", "revoke", name)
        until(lambda: all(answer.status == 401 for answer in answers[-100:]), "it is refused everywhere")
    assert {answer.status for answer in answers} == {200, 401}
    assert {answer.code for answer in answers if answer.status == 401} == {"invalid_api_key"}
    listed = json.loads(crowd.command("keys", "list", "--json").stdout)
    [revoked] = [datetime.fromisoformat(key["revoked_at"]) for key in listed if key["id"] == name]
    return max(answer.at for answer in answers if answer.status == 200) - revoked.timestamp()


def test_a_killed_worker_takes_nobody_along(crowd: Appliance) -> None:
    before = crowd.children("api.worker")
    callers = 8
    with under_load(crowd, crowd.key, callers) as answers:
        until(lambda: len(answers) > 50, "they are at work")
        os.kill(before[0], signal.SIGKILL)
        killed = len(answers)
        until(lambda: len(answers) > killed + 200, "the others answer")
        until(lambda: len(set(crowd.children("api.worker")) - {before[0]}) == WORKERS, "it is started again")
    assert {answer.status for answer in answers} <= {0, 200}
    assert sum(answer.status == 0 for answer in answers) <= callers, "only what the killed one was answering"
    assert set(before[1:]) < set(crowd.children("api.worker")), "the others are the same processes"
    assert crowd.stop() == 0
    crowd.verify()


def test_sigterm_lets_running_answers_end(crowd: Appliance) -> None:
    heard: list[str] = []
    reasons: list[str | None] = []

    def listen() -> None:
        with crowd.client() as client:
            asked = client.chat.completions.create(
                **STORY, stream=True, max_tokens=150, extra_body={"ignore_eos": True}
            )
            for chunk in asked:
                heard.append(chunk.choices[0].delta.content or "")
                reasons.append(chunk.choices[0].finish_reason)

    key = crowd.key
    listener = threading.Thread(target=listen)
    listener.start()
    until(lambda: len(heard) > 2, "it runs")
    crowd.signal(signal.SIGTERM)
    told = time.monotonic()
    # Each worker hears of it in its own moment, so one may still answer when another has refused.
    until(lambda: {ask(crowd, key).status for _ in range(4 * WORKERS)} <= {0, 503}, "new requests go elsewhere", 4)
    late = ask(crowd, key)
    assert late.status == 0 or (late.code == "shutting_down" and int(late.headers["retry-after"]) >= 1)
    assert crowd.wait(DRAIN + 15) == 0
    assert time.monotonic() - told < DRAIN + 15
    listener.join(5)
    assert reasons[-1] == "length" and len(heard) > 100, "the stream came to its end"
    crowd.verify()
    assert [entry["code"] for entry in crowd.ledger() if entry["action"] == "chat"][-1] == "ok"


def test_a_second_sigterm_cuts(crowd: Appliance) -> None:
    with crowd.client() as client:
        asked = {**STORY, "max_tokens": 1500, "extra_body": {"ignore_eos": True}}
        stream = iter(client.chat.completions.create(**asked, stream=True))
        assert next(stream).choices
        crowd.signal(signal.SIGTERM)
        until(lambda: ask(crowd, crowd.key).status in (0, 503), "it drains", 5)
        assert next(stream).choices, "the first one lets it run"
        crowd.signal(signal.SIGTERM)
        cut = time.monotonic()
        assert crowd.wait(15) == 1
        assert time.monotonic() - cut < 5
        with pytest.raises(openai.APIError):
            for _ in stream:
                pass
    crowd.verify()


def wait_for_minute(room: float) -> None:
    """Limits are by clock minutes: what follows must fit into one."""
    until(lambda: time.time() % 60 < 60 - room, "a minute begins")
