"""The supervisor with real processes: one port, several workers, and what happens when something dies."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class Served:
    """A running supervisor with tiny workers."""

    def __init__(self, var: Path, workers: int, drain: float) -> None:
        arguments = [sys.executable, "-m", "tests.integration.api.tiny_serve", str(var), "0", str(workers)]
        self.process = subprocess.Popen(
            [*arguments, str(drain), "ok"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        _, self.host, port = self.process.stdout.readline().split()
        self.port = int(port)

    def get(self, path: str = "/") -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"connection": "close"})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if answer.status == 200 else {}
        finally:
            connection.close()

    def pids(self) -> set[int]:
        """Who answers, in enough requests that everybody had a turn."""
        return {int(str(self.get()[1]["pid"])) for _ in range(80)}

    def children(self) -> set[int]:
        """Without the shells that end an engine's group when the supervisor is gone."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in listed.split() if b"leash" not in _arguments(pid)}

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def served(var: Path, workers: int = 2, drain: float = 5.0) -> Iterator[Served]:
    appliance = Served(var, workers, drain)
    try:
        yield appliance
    finally:
        appliance.process.kill()
        appliance.process.communicate()


def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.02)


def in_background(appliance: Served, path: str) -> tuple[threading.Thread, list[int]]:
    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(appliance.get(path)[0])
        except OSError:
            answers.append(0)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    return thread, answers


def _arguments(pid: str) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_four_workers_share_one_port_and_end_with_status_0(tmp_path: Path) -> None:
    with served(tmp_path, workers=4) as appliance:
        until(lambda: len(appliance.pids()) > 1)
        assert len(appliance.children()) == 5  # and the engine
        assert appliance.end(signal.SIGINT) == 0


def test_a_killed_worker_is_replaced_and_nobody_notices(tmp_path: Path) -> None:
    with served(tmp_path) as appliance:
        before = appliance.children()
        victim = next(iter(appliance.pids()))
        os.kill(victim, signal.SIGKILL)
        # The port stays open throughout: a refused connection raises here.
        statuses = {appliance.get()[0] for _ in range(100)}
        assert statuses == {200}
        until(lambda: len(appliance.children()) == len(before) and victim not in appliance.children())
        assert len(appliance.children() - before) == 1
        assert appliance.end() == 0


def test_connections_of_a_hung_worker_are_taken_by_the_others(tmp_path: Path) -> None:
    with served(tmp_path) as appliance:
        victim = next(iter(appliance.pids()))
        os.kill(victim, signal.SIGSTOP)
        assert {appliance.get()[1]["pid"] for _ in range(20)}.isdisjoint({victim})
        os.kill(victim, signal.SIGCONT)
        assert appliance.end() == 0


def test_connections_spread_over_the_workers(tmp_path: Path) -> None:
    with served(tmp_path, workers=4) as appliance:
        until(lambda: len(appliance.pids()) == 4)
        assert appliance.end() == 0


def test_a_running_request_ends_and_a_new_one_is_refused_while_draining(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as appliance:
        running, answers = in_background(appliance, "/slow/1.5")
        appliance.process.send_signal(signal.SIGTERM)
        until(lambda: appliance.get()[0] == 503, seconds=1)
        running.join()
        assert answers == [200]
        assert appliance.process.wait(5) == 0


def test_the_drain_has_an_end(tmp_path: Path) -> None:
    with served(tmp_path, workers=1, drain=0.5) as appliance:
        running, answers = in_background(appliance, "/slow/60")
        begun = time.monotonic()
        assert appliance.end() == 0
        assert time.monotonic() - begun < 5
        running.join()
        assert answers != [200]


def test_a_second_signal_cuts_what_runs(tmp_path: Path) -> None:
    with served(tmp_path, workers=1, drain=60) as appliance:
        running, answers = in_background(appliance, "/slow/60")
        begun = time.monotonic()
        appliance.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert appliance.end(signal.SIGINT) == 1
        assert time.monotonic() - begun < 3
        running.join()
        assert answers == [0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with served(tmp_path) as appliance:
        children = appliance.children()
        assert len(children) == 3
        appliance.process.kill()
        appliance.process.wait()
        until(lambda: not any(alive(pid) for pid in children))


def test_workers_that_refuse_to_start_end_the_supervisor(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.integration.api.tiny_serve",
        str(tmp_path),
        "0",
        "2",
        "5",
        "refuse",
    ]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=20, check=False).returncode == 1
