"""A caller who goes away frees the engine, by the engine's own count."""

import json
import socket
import statistics
import time
from typing import Literal

import pytest

from tests.acceptance.gauges import Gauges, LlamaCppGauges, VllmGauges
from tests.acceptance.product import CHAT_MODEL, Appliance, until
from tests.peers.cache import Tell

TRIES, MOST_TRIES = 9, 40
SOON = 0.1
WARMUP = 12

Moment = Literal["prompt", "whole", "stream"]


@pytest.fixture
def gauges(request: pytest.FixtureRequest, served: Appliance) -> Gauges:
    if (served.var / "engine.key").exists():
        return LlamaCppGauges(served.var)
    return VllmGauges(request.getfixturevalue("vllm_server"))


@pytest.mark.parametrize("moment", ["prompt", "whole", "stream"])
def test_the_engine_is_free_within_100_ms(
    served: Appliance, gauges: Gauges, moment: Moment, tell: Tell, request: pytest.FixtureRequest
) -> None:
    taken = [leave(served, gauges, moment, number) for number in range(TRIES)]
    while min(taken) > SOON and len(taken) < MOST_TRIES:
        taken.append(leave(served, gauges, moment, len(taken)))
    told = ", ".join(f"{1000 * each:.0f}" for each in sorted(taken))
    tell(f"{request.node.name}: free after {told} ms; median {1000 * statistics.median(taken):.0f}")
    # The best of several: what is asked of Ringfence, not of a machine that is busy with other things.
    assert min(taken) <= SOON


def leave(served: Appliance, gauges: Gauges, moment: Moment, number: int = 0) -> float:
    """Seconds from hanging up to when the engine says that nothing runs."""
    until(lambda: gauges.running() == 0, "the engine is idle")
    steps = gauges.steps()
    body = json.dumps(
        {
            "model": CHAT_MODEL,
            # A prompt that no cache knows, and that takes the engine a while where that is the point.
            "messages": [
                {"role": "user", "content": f"{number} is " + "a number " * (150 if moment == "prompt" else 1)}
            ],
            "max_tokens": 500,
            "ignore_eos": True,
            "stream": moment == "stream",
        }
    ).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {served.key}\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as caller:
        caller.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        seen = b""
        while moment == "stream" and seen.count(b"data: ") < 3:
            seen += caller.recv(65536)
        until(lambda: gauges.running() == 1, "the engine is at work")
        if moment == "whole":
            until(lambda: gauges.steps() >= steps + WARMUP, "it writes its answer")
    left = time.monotonic()
    while gauges.running():
        assert time.monotonic() - left < 30, "the engine goes on for nobody"
    return time.monotonic() - left


def test_what_a_caller_who_left_had_is_settled_and_recorded(served: Appliance, gauges: Gauges) -> None:
    before = {entry["request_id"] for entry in served.ledger()}
    leave(served, gauges, "stream")
    until(lambda: {entry["request_id"] for entry in served.ledger()} != before, "it is in the ledger")
    entry = next(entry for entry in served.ledger() if entry["request_id"] not in before)
    assert entry["code"] == "client_disconnected"
    assert entry["completion_tokens"] > 0
