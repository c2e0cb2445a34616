"""What only a vLLM behind a network shows: its own ways, several servers, broken lines, a frozen server."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator

import openai
import pytest

from tests.acceptance.conftest import Build, vllm_engine
from tests.acceptance.gauges import VllmGauges
from tests.acceptance.product import CHAT_MODEL as MODEL
from tests.acceptance.product import Appliance, free_port, until
from tests.acceptance.relay import Relay
from tests.peers.cache import Tell
from tests.peers.vllm import VllmServer

# A processor may read a prompt of 800 tokens for some seconds.
STUCK, SILENCE, CONNECT = 1.5, 8.0, 1.0
WATCH = 6.0
QUESTION = [{"role": "user", "content": "Name the capital of France."}]
SHORT = {"model": MODEL, "messages": QUESTION, "max_tokens": 3, "temperature": 0}
STORY = {"model": MODEL, "messages": QUESTION, "max_tokens": 900, "extra_body": {"ignore_eos": True}}


@pytest.fixture(scope="module")
def relay(vllm_server: VllmServer) -> Iterator[Relay]:
    with Relay(vllm_server.url) as running:
        yield running


@pytest.fixture(scope="module")
def relayed(build: Build, vllm_server: VllmServer, relay: Relay) -> Iterator[Appliance]:
    """In front of the relay, so that a test sees what Ringfence sends."""
    bounds = {"stuck_seconds": STUCK, "silence_seconds": SILENCE, "connect_seconds": CONNECT}
    with build(engines=[vllm_engine(vllm_server, relay.url, **bounds)]) as running:
        yield running


TRICKS = [
    b"{%b}",
    b'{"cache_salt":"stolen",%b}',
    b'{%b,"cache_salt":"stolen"}',
    b'{%b,"cache\\u005fsalt":"stolen"}',
    b'{"\\u0063ache_salt":"stolen",%b,"cache_sal\\u0074":"stolen"}',
    b'{%b,"cache_salt":"stolen","cache_salt":"stolen"}',
    b'{%b,"metadata":{"cache_salt":"x"},"cache_salt":null}\r\n\t ',
    b' {%b,"x":"}","cache_salt":""} ',
]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_caller_cannot_choose_whose_cache_it_uses(relayed: Appliance, relay: Relay, trick: bytes) -> None:
    fields = json.dumps(SHORT).encode()[1:-1]
    with relayed.client() as client:
        done = client.post(
            "/chat/completions",
            content=trick % fields,
            cast_to=object,
            options={"headers": {"content-type": "application/json"}},
        )
    assert done["choices"]  # type: ignore[index]
    assert relay.chats[-1]["cache_salt"] == relay_salt(relayed, relay)


def relay_salt(relayed: Appliance, relay: Relay, key: str = "") -> str:
    with relayed.client(key) as client:
        client.chat.completions.create(**SHORT)
    salt: str = relay.chats[-1]["cache_salt"]
    return salt


def test_tenants_do_not_share_a_prefix_cache(relayed: Appliance, relay: Relay, vllm_server: VllmServer) -> None:
    relayed.command("tenants", "create", "other")
    other = relayed.new_key("--tenant", "other")[1]
    assert relay_salt(relayed, relay) != relay_salt(relayed, relay, other)
    gauges = VllmGauges(vllm_server)
    long = {**SHORT, "messages": [{"role": "user", "content": f"{time.time_ns()} " + "one two three four " * 200}]}

    def hits(key: str) -> int:
        before = gauges.sum_of("vllm:prefix_cache_hits_total")
        with relayed.client(key) as client:
            client.chat.completions.create(**long)
        return gauges.sum_of("vllm:prefix_cache_hits_total") - before

    assert hits(relayed.key) == 0
    assert hits(relayed.key) > 500, "the same tenant finds its own prefix"
    assert hits(other) == 0, "another tenant does not, and so cannot tell what was asked"


@pytest.mark.parametrize("stream", [False, True])
def test_of_two_equal_keys_every_part_reads_the_last(relayed: Appliance, relay: Relay, stream: bool) -> None:
    """A caller who may use one model must not get another one past the check."""
    before = len(relay.chats)
    last = json.dumps({"messages": QUESTION, "max_tokens": 3, "stream": stream})[1:-1].encode()
    with relayed.client(relayed.new_key("--model", MODEL)[1]) as client:
        for body in (b'{"model":"%b",%b,"model":"nope"}', b'{"model":"%b",%b,"mod\\u0065l":"nope"}'):
            with pytest.raises(openai.NotFoundError):
                client.post("/chat/completions", content=body % (MODEL.encode(), last), cast_to=object)
        assert len(relay.chats) == before, "vLLM was not asked"


def test_usage_on_every_chunk_is_only_for_who_asks(relayed: Appliance) -> None:
    """vLLM's own option passes, and does not confuse the bookkeeping."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    with relayed.client() as client:
        chunks = list(client.chat.completions.create(**SHORT, stream=True, stream_options=options))
    assert all(chunk.usage for chunk in chunks)
    total = chunks[-1].usage
    assert total is not None and total.completion_tokens == 3
    until(lambda: relayed.ledger()[-1]["completion_tokens"] == 3, "the ledger has the total")


def test_of_two_servers_the_living_one_answers(build: Build, vllm_server: VllmServer) -> None:
    with Relay(vllm_server.url) as relay:
        urls = (f"http://127.0.0.1:{free_port()}", vllm_server.url, relay.url)
        engine = vllm_engine(vllm_server, *urls, connect_seconds=CONNECT)
        with build(engines=[engine]) as running, running.client() as client:
            until(lambda: asked(relay, client), "both living ones are asked")
            relay.cut()
            # At once, before anybody has looked: the one that is gone is still thought to be well.
            for _ in range(6):
                assert client.chat.completions.create(**SHORT).choices[0].message.content
            assert running.ready()


def asked(relay: Relay, client: openai.OpenAI) -> bool:
    """Two at once, because whoever has less to do is asked first."""
    before = len(relay.chats)
    threads = [threading.Thread(target=lambda: client.chat.completions.create(**SHORT)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(relay.chats) > before


def test_a_line_that_breaks_within_a_stream_is_an_error(build: Build, vllm_server: VllmServer) -> None:
    with Relay(vllm_server.url) as relay, build(engines=[vllm_engine(vllm_server, relay.url)]) as running:
        with running.client() as client:
            stream = iter(client.chat.completions.create(**STORY, stream=True))
            assert next(stream).choices
            relay.cut()
            with pytest.raises(openai.APIError) as caught:
                for _ in stream:
                    pass
        assert isinstance(caught.value.body, dict) and caught.value.body["code"] == "engine_failed"
        until(lambda: not running.ready(), "the server is seen to be gone", 20)
        until(lambda: VllmGauges(vllm_server).running() == 0, "nobody works for nobody", 20)


def test_a_frozen_server_is_noticed_and_heals(relayed: Appliance, vllm_server: VllmServer, tell: Tell) -> None:
    errors: list[openai.APIStatusError] = []

    def ask() -> None:
        with relayed.client() as client:
            try:
                client.chat.completions.create(**STORY)
            except openai.APIStatusError as error:
                errors.append(error)

    caller = threading.Thread(target=ask)
    caller.start()
    until(lambda: VllmGauges(vllm_server).running() == 1, "the engine is at work")
    os.killpg(vllm_server.pid, signal.SIGSTOP)
    try:
        stopped = time.monotonic()
        until(lambda: not relayed.ready(), "it is seen to hang", SILENCE + STUCK + WATCH)
        tell(f"frozen vLLM: not ready after {time.monotonic() - stopped:.1f} s")
        caller.join(SILENCE + WATCH)
        assert [error.status_code for error in errors] == [502]
        begun = time.monotonic()
        with relayed.client() as client, pytest.raises(openai.InternalServerError) as refused:
            client.chat.completions.create(**SHORT)
        assert refused.value.status_code == 503 and int(refused.value.response.headers["retry-after"]) >= 1
        assert time.monotonic() - begun < 1.5
    finally:
        os.killpg(vllm_server.pid, signal.SIGCONT)
    tell(f"frozen vLLM: ready {until(relayed.ready, 'it healed'):.1f} s after it went on")
    with relayed.client() as client:
        assert client.chat.completions.create(**SHORT).choices
