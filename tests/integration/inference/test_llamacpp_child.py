"""The child process: who may speak to it, and what happens when it or its parent dies."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from msgspec import structs

from appliance.errors import EngineFailed, EngineUnavailable
from appliance.settings import EngineSettings
from inference.llamacpp.launch import child_command
from inference.local import socket_path
from tests.integration.inference.asking import call, chunks, user
from tests.peers import llamacpp
from tests.peers.cache import Tell
from tests.peers.llamacpp import LlamaServer

MODEL = "smollm2-135m-instruct"
SMALL: EngineSettings = structs.replace(llamacpp.CHAT, context=512, slots=2)
TALK = {"messages": user("Count to a thousand."), "max_tokens": 400, "stream": True}


@pytest.fixture
def mortal(starter_var: Path, tell: Tell) -> Iterator[LlamaServer]:
    """A child of the test's own, which it may kill."""
    with llamacpp.running(structs.replace(SMALL, name="mortal"), starter_var, tell) as server:
        yield server


async def test_killed_in_an_answer_it_fails_at_once_and_a_new_one_serves(mortal: LlamaServer, tell: Tell):
    engine = mortal.client()
    stream = engine.stream(call("chat", MODEL, TALK, stream=True))
    await anext(stream)
    os.kill(mortal.process.pid, signal.SIGKILL)
    killed = time.monotonic()
    with pytest.raises(EngineFailed):
        async for _ in stream:
            pass
    assert time.monotonic() - killed < 2
    assert not (await engine.health()).ready
    with pytest.raises(EngineUnavailable):
        await chunks(engine, call("chat", MODEL, TALK, stream=True))
    mortal.process.stop()
    with llamacpp.running(mortal.settings, mortal.var, tell):
        assert await chunks(engine, call("chat", MODEL, {**TALK, "max_tokens": 2}, stream=True))
    await engine.close()


async def test_only_its_user_with_its_key_may_speak_to_it(llama_chat: LlamaServer):
    path = socket_path(llama_chat.settings.name, llama_chat.var)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        for place in ("/v1/models", "/metrics", "/props", "/v1/chat/completions", "/"):
            async with session.get(f"http://engine{place}", headers={"Origin": "http://evil.example"}) as response:
                assert response.status in (401, 404)
                assert response.headers.get("Access-Control-Allow-Origin", "") == ""


def test_its_key_is_on_no_command_line(llama_chat: LlamaServer):
    told = (
        Path(f"/proc/{llama_chat.process.pid}/cmdline").read_text()
        + Path(f"/proc/{llama_chat.process.pid}/environ").read_text()
    )
    secret = (llama_chat.var / "engine.key").read_bytes()
    assert secret.hex() not in told
    assert "api_key" not in told
    assert (llama_chat.var / "engine.key").stat().st_mode & 0o077 == 0


def test_a_second_child_on_one_socket_gives_way(llama_chat: LlamaServer):
    argv = child_command(llama_chat.settings, llama_chat.var).argv
    second = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert "Another process serves" in second.stderr


def test_weights_that_are_no_model_are_refused_with_a_remedy(tmp_path: Path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF\x03\0\0\0")
    for weights, words in (("bad.gguf", "not a whole GGUF file"), ("none.gguf", "No such file")):
        settings = EngineSettings(name="bad", kind="llamacpp", weights=str(tmp_path / weights))
        argv = child_command(settings, tmp_path).argv
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
        assert ended.returncode == 78
        assert words in ended.stderr


def test_it_survives_ctrl_c_but_not_its_parent(starter_var: Path):
    settings = structs.replace(SMALL, name="orphan")
    path = socket_path(settings.name, starter_var)
    script = textwrap.dedent(
        """
        import subprocess, sys, time
        child = subprocess.Popen(sys.argv[1:])
        print(child.pid, flush=True)
        time.sleep(60)
        """
    )
    argv = [sys.executable, "-c", script, *child_command(settings, starter_var).argv]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            _wait(lambda: llamacpp.is_ready(path), 30)
            os.kill(child, signal.SIGINT)
            time.sleep(0.3)
            assert llamacpp.is_ready(path)
            parent.kill()
            _wait(lambda: not llamacpp.is_ready(path), 5)
        finally:
            parent.kill()
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _wait(met, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.05)
