"""A real vLLM that is kept: started by our own launch, on a socket, told of on its way, and stopped."""

import subprocess
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from appliance.settings import EngineSettings, LaunchSettings
from inference.command import Command
from inference.engines import open_post
from inference.launch import Launch, command
from inference.local import engine_key, secret_file, socket_path
from inference.roster import Post
from inference.supervise.keeper import Kept
from inference.supervise.lifecycle import Timings
from inference.vllm import Vllm
from tests.integration.inference.asking import call, user
from tests.integration.inference.keeping import kept
from tests.peers import vllm
from tests.peers.cache import Tell
from tests.peers.vllm import VllmInstall

SETTINGS = EngineSettings(name="chat", kind="vllm", launch=LaunchSettings(model=vllm.MODEL))
# What an engine says of itself is told in these words, wherever in its program they stand.
PHRASES = (
    *("Initializing a V1 LLM engine", "Starting to load model", "Prefetching checkpoint files: ", "% Completed | "),
    *("Capturing CUDA graphs", "JIT kernel warmup", "DeepGEMM warmup", "Compiling CuTeDSL kernels"),
    *("for vLLM's torch.compile", "Starting torch.compile", "Dynamo bytecode transform time"),
    *("Compile and warming up model", "torch.compile took", "Available KV cache memory", "KV cache size: "),
    *("init engine (", "Starting vLLM server on", "Cannot find any model weights with `"),
    *("is less than desired GPU memory utilization ", "No available memory for the cache blocks"),
    *("To serve at least one request with the model's max seq len ", "the estimated maximum model length is "),
    *(
        "CUDA out of memory",
        "than the derived max_model_len (",
        "died unexpectedly (exit code: ",
        "Failed core proc(s): ",
    ),
    "Invalid repository ID or local directory specified:",
)


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], Vllm]:
    post = Post(id="chat.1", engine="chat", socket=str(socket_path("chat.1", tmp_path)), names=(vllm.MODEL,))
    return lambda: open_post(SETTINGS, post, tmp_path)


@pytest.fixture
def what(vllm_install: VllmInstall, tmp_path: Path) -> Kept:
    socket = socket_path("chat.1", tmp_path)
    launched = command(
        Launch(
            case=vllm.CASE,
            devices=("0",),
            weights=vllm_install.model,
            answers_at=socket,
            key=engine_key(secret_file(tmp_path), "chat.1"),
            cache=vllm_install.cache / "vllm-runtime",
            program=(*vllm.program(vllm_install), "serve"),
            drain_seconds=5,
            more=vllm.FLAGS,
        )
    )
    environment = {**launched.environment, **vllm.SETTINGS}
    return Kept(name="chat.1", command=Command(launched.argv, environment), timings=Timings(restarts=1), socket=socket)


@pytest.mark.timeout(600)  # on a busy machine
async def test_it_is_told_how_it_starts_then_serves_and_ends_when_asked(
    what: Kept, connect: Callable[[], Vllm], tmp_path: Path, tell: Tell
) -> None:
    assert what.socket
    what.socket.parent.mkdir(parents=True, mode=0o700)
    # As a killed one leaves it; vLLM by itself would not start then.
    what.socket.touch()
    begun = time.monotonic()
    async with kept(what, connect, tmp_path) as watched:
        await watched.until("serving", "failed", seconds=500)
        assert watched.keeper.state == "serving", watched.keeper.reason
        tell(f"vLLM: kept, serving after {time.monotonic() - begun:.1f} s")
        assert watched.states == ["starting", "warming", "serving"]
        assert watched.progress == [
            "starting its processes",
            "loading weights",
            "loading weights 0%",
            "loading weights 100%",
            "making room for requests",
            "starting to answer",
            "making its first token",
        ]
        engine = connect()
        body = {"messages": user("Hello."), "max_tokens": 2}
        async with aclosing(engine.stream(call("chat", vllm.MODEL, body))) as answer:
            assert [chunk async for chunk in answer]
        await engine.close()
        group = str(watched.keeper.pid)
        asked = time.monotonic()
        assert await watched.keeper.stop(30)
        tell(f"vLLM: ended {time.monotonic() - asked:.1f} s after it was asked to")
        left = subprocess.run(
            ["ps", "-o", "pid=,stat=,args=", "-s", group], capture_output=True, text=True, check=False
        )
        assert [line for line in left.stdout.splitlines() if " Z" not in line] == []
        assert watched.keeper.crashes == ()


def test_its_program_still_uses_the_words_that_we_look_for(vllm_install: VllmInstall) -> None:
    [package] = vllm_install.python.parents[1].glob("lib/python*/site-packages/vllm")
    missing = set(PHRASES)
    for file in package.rglob("*.py"):
        text = file.read_text(errors="replace")
        missing -= {phrase for phrase in missing if phrase in text}
        if not missing:
            break
    assert missing == set()
