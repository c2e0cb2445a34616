"""The series of several processes, read as those of one appliance."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.config import environment
from appliance.metrics import forget, render

# One worker; a number that comes in is what it sees next.
WORKER = """
import sys
from appliance.metrics import Metrics
metrics = Metrics(shared=sys.argv[1])
seen = metrics.endpoint("/v1/chat/completions")
for line in sys.stdin:
    number = int(line)
    seen(200, number / 10)
    metrics.model("m").used(number, 1, number)
    metrics.in_flight.set(number)
    metrics.engine_ready.labels("gpu").set(number > 1)
    print("done", flush=True)
"""


class Worker:
    def __init__(self, shared: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(shared)],
            env=environment({"PROMETHEUS_MULTIPROC_DIR": str(shared)}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def see(self, number: int) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    pair = Worker(tmp_path), Worker(tmp_path)
    yield pair
    for worker in pair:
        worker.kill()


def value(shared: Path, name: str, **labels: str) -> float | None:
    found = [
        sample.value
        for family in text_string_to_metric_families(render(str(shared)).decode())
        for sample in family.samples
        if (sample.name, sample.labels) == (f"ringfence_{name}", labels)
    ]
    assert len(found) <= 1
    return found[0] if found else None


def test_two_processes_are_summed(workers: tuple[Worker, Worker], tmp_path: Path) -> None:
    workers[0].see(2)
    workers[1].see(1)
    workers[1].see(4)
    assert value(tmp_path, "requests_total", endpoint="/v1/chat/completions", status="200") == 3
    assert value(tmp_path, "request_seconds_bucket", endpoint="/v1/chat/completions", le="0.25") == 2
    assert value(tmp_path, "tokens_total", model="m", kind="prompt") == 7
    assert value(tmp_path, "requests_in_flight") == 6
    assert value(tmp_path, "engine_ready", engine="gpu") == 1


def test_an_engine_is_ready_when_every_process_says_so(workers: tuple[Worker, Worker], tmp_path: Path) -> None:
    workers[0].see(2)
    workers[1].see(1)
    assert value(tmp_path, "engine_ready", engine="gpu") == 0


def test_a_dead_process_leaves_its_counts_and_takes_its_gauges(workers: tuple[Worker, Worker], tmp_path: Path) -> None:
    workers[0].see(2)
    workers[1].see(1)
    workers[1].kill()
    assert value(tmp_path, "requests_in_flight") == 3, "nobody has said yet that it is dead"
    forget(str(tmp_path), workers[1].process.pid)
    assert value(tmp_path, "requests_in_flight") == 2
    assert value(tmp_path, "engine_ready", engine="gpu") == 1
    assert value(tmp_path, "tokens_total", model="m", kind="prompt") == 3
