"""Ringfence as an operator runs it: the real command, a settings file, a folder of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI, OpenAI

from tests.peers.cache import compiled_patterns
from tests.peers.process import tail

RINGFENCE = Path(sys.executable).with_name("ringfence")
START_LIMIT = 180.0
CHAT_MODEL = "smollm2-135m-instruct"
EMBEDDING_MODEL = "all-minilm-l6-v2"
# One compute thread each: the tests, the workers and the engines share the cores.
CHAT = {"name": "starter", "kind": "llamacpp", "weights": CHAT_MODEL, "context": 2048, "threads": 1}
EMBEDDER = {"name": "embedder", "kind": "llamacpp", "weights": EMBEDDING_MODEL, "embeds": True, "threads": 1}


class Appliance:
    """One `paths.var`, and whatever runs on it."""

    def __init__(self, folder: Path, shelf: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.log = folder / "serve.log"
        self.terminal = folder / "terminal.txt"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self.var.mkdir(mode=0o700)
        (self.var / "models").symlink_to(shelf / "models")
        self.configure(settings)

    def configure(self, settings: Mapping[str, Any]) -> None:
        tree = {"paths": {"var": str(self.var), "cache": str(compiled_patterns())}, **settings}
        tree["server"] = {"port": self.port, "workers": 1, **settings.get("server", {})}
        (self.folder / "ringfence.toml").write_text(toml(tree))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        return (self.var / "admin.key").read_text().strip()

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [RINGFENCE, *arguments],
            cwd=self.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, f"ringfence {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done

    def new_key(self, *options: str) -> tuple[str, str]:
        """The id and the text of a key that the command line made."""
        issued = json.loads(self.command("keys", "create", "--name", "test", "--json", *options).stdout)
        return issued["id"], issued["key"]

    def start(self) -> None:
        self.begin()
        self.wait_ready()

    def begin(self) -> None:
        with self.log.open("ab") as log, self.terminal.open("wb") as terminal:
            self.process = subprocess.Popen(
                [RINGFENCE, "serve", "--foreground"],
                cwd=self.folder,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        assert self.process is not None
        started = time.monotonic()
        while not (self.ready() and self.terminal.stat().st_size):
            status = self.process.poll()
            assert status is None, f"ringfence serve ended with {status}:\n{tail(self.log)}"
            assert time.monotonic() - started < START_LIMIT, f"not ready in time:\n{tail(self.log)}"
            time.sleep(0.05)

    def ready(self) -> bool:
        return self.get("/health/ready")[0] == 200

    def get(self, path: str, key: str = "", timeout: float = 10.0) -> tuple[int, bytes]:
        """Status and body; status 0 when nobody answered. Each call is a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {key}"} if key else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def client(self, key: str = "", **options: Any) -> OpenAI:
        return OpenAI(base_url=f"{self.url}/v1", **{"api_key": key or self.key, "max_retries": 0, **options})

    def async_client(self, key: str = "", **options: Any) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=f"{self.url}/v1", **{"api_key": key or self.key, "max_retries": 0, **options})

    def children(self, module: str) -> list[int]:
        """The processes that run this module: `api.worker` or `inference.llamacpp.child`."""
        assert self.process is not None
        return [pid for pid in children_of(self.process.pid) if module in words_of(pid)]

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = 60.0) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """SIGKILL to the supervisor and every process below it, as close together as can be."""
        if self.process is None:
            return
        family = [self.process.pid, *children_of(self.process.pid)]
        for pid in family if self.process.poll() is None else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not any(map(alive, family)), "its processes are gone")

    def verify(self) -> dict[str, Any]:
        """What `ringfence audit verify` reports; it must be clean."""
        done = self.command("audit", "verify", "--json", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def ledger(self) -> list[dict[str, Any]]:
        """Every entry, the oldest first."""
        entries = [json.loads(line) for line in self.command("audit", "export").stdout.splitlines()]
        return sorted(entries, key=lambda entry: int(entry["at"]))


@contextmanager
def appliance(folder: Path, shelf: Path, settings: Mapping[str, Any]) -> Iterator[Appliance]:
    """Initialised and ready; nothing of it runs afterwards."""
    made = Appliance(folder, shelf, settings)
    made.command("init")
    try:
        made.start()
        yield made
    finally:
        made.kill()


def toml(tree: Mapping[str, Any], path: str = "") -> str:
    """A settings file of plain values, tables and lists of tables."""
    plain = {name: value for name, value in tree.items() if not tables_in(value)}
    lines = [f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in plain.items()]
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        lines += [f"\n[{here}]\n{toml(table, here)}" for table in tables_in(value) if isinstance(value, dict)]
        lines += [f"\n[[{here}]]\n{toml(table, here)}" for table in tables_in(value) if isinstance(value, list)]
    return "".join(lines)


def tables_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], what: str, seconds: float = 60.0) -> float:
    """Polls, and returns the seconds it took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)
    return time.monotonic() - begun


def children_of(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [each for child in map(int, listed) for each in (child, *children_of(child))]
    return []


def words_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
