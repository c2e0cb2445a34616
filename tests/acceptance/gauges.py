"""What an engine says that it is doing, asked of the engine itself."""

import http.client
import re
import socket
from abc import ABC, abstractmethod
from pathlib import Path

from appliance.settings import EngineSettings
from inference.local import engine_key, secret_file, socket_path
from tests.acceptance.product import CHAT
from tests.peers.vllm import VllmServer


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Gauges(ABC):
    """`requests` and `steps` are the names of an engine's series."""

    def __init__(self, requests: str, steps: str) -> None:
        self._requests, self._steps = requests, steps

    @abstractmethod
    def connect(self) -> tuple[http.client.HTTPConnection, str]:
        """A connection to the engine, and its key."""

    def running(self) -> int:
        return self.sum_of(self._requests)

    def steps(self) -> int:
        """How many batches it has computed since it started."""
        return self.sum_of(self._steps)

    def sum_of(self, series: str) -> int:
        connection, key = self.connect()
        try:
            connection.request("GET", "/metrics", headers={"authorization": f"Bearer {key}"})
            text = connection.getresponse().read().decode()
        finally:
            connection.close()
        return int(sum(map(float, re.findall(rf"^{series}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))))


class LlamaCppGauges(Gauges):
    def __init__(self, var: Path) -> None:
        super().__init__("llamacpp:requests_processing", "llamacpp:n_decode_total")
        self._var = var
        self._name = EngineSettings(**CHAT).name

    def connect(self) -> tuple[http.client.HTTPConnection, str]:
        key = engine_key(secret_file(self._var), self._name)
        return SocketConnection(socket_path(self._name, self._var)), key


class VllmGauges(Gauges):
    def __init__(self, server: VllmServer) -> None:
        super().__init__("vllm:num_requests_running", "vllm:iteration_tokens_total_count")
        self._server = server

    def connect(self) -> tuple[http.client.HTTPConnection, str]:
        return http.client.HTTPConnection(self._server.url.removeprefix("http://"), timeout=30), self._server.key
