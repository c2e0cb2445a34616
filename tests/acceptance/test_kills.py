"""SIGKILL to every process at any moment: what was answered is in the ledger, and everything starts again."""

import random
import time
from collections.abc import Iterator

import pytest

from tests.acceptance.conftest import Build
from tests.acceptance.load import under_load
from tests.acceptance.product import CHAT, Appliance, until
from tests.peers.cache import Tell

ROUNDS = 3
SETTINGS = {"server": {"workers": 4}, "audit": {"durability": "strict"}, "engines": [CHAT]}


@pytest.fixture(params=["sqlite", "postgres"])
def durable(request: pytest.FixtureRequest, build: Build) -> Iterator[Appliance]:
    if request.param == "sqlite":
        with build(**SETTINGS) as running:
            yield running
        return
    with request.getfixturevalue("postgres").database() as url, build(database={"url": url}, **SETTINGS) as running:
        yield running


def test_nothing_is_lost_and_everything_starts_again(durable: Appliance, tell: Tell) -> None:
    answered: set[str] = set()
    for _ in range(ROUNDS):
        with under_load(durable, durable.key) as answers:
            until(lambda: any(answer.status == 200 for answer in answers), "they are at work")
            time.sleep(random.uniform(0, 1))
            durable.kill()
        answered |= {answer.request_id for answer in answers if answer.status == 200}
        # 502 and 503: the engine died a moment before the worker.
        assert {answer.status for answer in answers} <= {0, 200, 502, 503}
        durable.verify()
        durable.start()
    written = [entry["request_id"] for entry in durable.ledger()]
    tell(f"{ROUNDS} kills: {len(answered)} answers, {len(written)} entries")
    assert answered <= set(written), "what was answered is in the ledger"
    assert len(written) == len(set(written)), "and once"
    assert durable.stop() == 0
    durable.verify()


def test_a_kill_while_it_starts_is_no_harm(durable: Appliance) -> None:
    assert durable.stop() == 0
    for _ in range(ROUNDS):
        durable.begin()
        time.sleep(random.uniform(0.3, 3))
        durable.kill()
    durable.start()
    with durable.client() as client:
        assert client.models.list().data
    assert durable.stop() == 0
    durable.verify()
