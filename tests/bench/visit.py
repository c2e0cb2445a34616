"""One target's turn in one round: start it, load it, measure it, end it."""

import http.client
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.arrivals import FRAMES, StreamFigures
from tests.bench.capacity import STEPS, search
from tests.bench.load import STREAM_MS, Door, Loads, chat_body
from tests.bench.processes import Bystanders, Cores, Process, cpu_seconds, running, sample
from tests.bench.provision import BenchError
from tests.bench.targets import Target

READY_SECONDS = 120
SETTLE_SECONDS = 2
PAUSE_SECONDS = 0.2
WARM_CONNECTIONS = 8
MEGABYTE = 1e6

Figures = dict[str, float]


@dataclass(frozen=True)
class Schedule:
    """How long and how much; the defaults make the published table."""

    rounds: int = 5
    seconds: float = 5
    warm_seconds: float = 2
    connections: tuple[int, ...] = (1, 32, 128)
    streams: tuple[int, ...] = (16, 100)
    steps: tuple[int, ...] = STEPS
    growth_requests: int = 200_000
    growth_seconds: float = 120

    def repeats(self, measured: bool) -> int:
        """Streams that each worker runs one after the other."""
        return max(2, round(self.seconds * 1000 / STREAM_MS)) if measured else 2


@dataclass(frozen=True)
class Visit:
    """`near` is where the last round's search ended; `grow` adds the long run that shows a leak."""

    label: str
    near: int
    grow: bool


class Watch:
    """The processes of one gateway, now and at their largest."""

    def __init__(self, root: int) -> None:
        self._root = root
        self.peak = self.now()

    def now(self) -> list[Process]:
        return sample(self._root)

    def look(self) -> None:
        self.peak = max(self.peak, self.now(), key=resident)

    def cpu_seconds(self) -> float:
        return cpu_seconds(self._root)


def resident(processes: list[Process]) -> int:
    return sum(p.resident_bytes for p in processes)


def memory(stage: str, processes: list[Process], worker: int) -> Figures:
    alone = [p for p in processes if p.pid == worker]
    return {f"rss_{stage}": resident(processes) / MEGABYTE, f"worker_rss_{stage}": resident(alone) / MEGABYTE}


def visit(target: Target, schedule: Schedule, loads: Loads, cores: Cores, turn: Visit) -> Figures:
    if not target.argv:
        return _drive(target, schedule, loads, None, turn)
    log = loads.scratch / f"{target.name}.log"
    with running(target.command, cores.gateway, log) as child:
        ready = _await_ready(child, target, log)
        say(f"{turn.label}: ready after {ready:.2f} s")
        time.sleep(SETTLE_SECONDS)
        watch = Watch(child.pid)
        bystanders = Bystanders(cores.gateway, watch.cpu_seconds)
        idle = watch.now()
        figures = _drive(target, schedule, loads.watched(watch.look), watch, turn)
        figures |= {"ready_s": ready, "foreign_gateway": bystanders.share()}
        time.sleep(SETTLE_SECONDS)
        after = watch.now()
        # The busiest of the family serves the requests; a supervisor beside it hardly runs.
        worker = max(after, key=lambda p: p.cpu_seconds).pid
        for stage, processes in (("idle", idle), ("loaded", watch.peak), ("after", after)):
            figures |= memory(stage, processes, worker)
        if turn.grow:
            figures |= _grow(target.door, schedule, loads, watch, worker)
    return figures


def _drive(target: Target, schedule: Schedule, loads: Loads, watch: Watch | None, turn: Visit) -> Figures:
    door, figures = target.door, Figures()
    bystanders = Bystanders(loads.core, loads.cpu_seconds)
    loads.requests(door, WARM_CONNECTIONS, schedule.warm_seconds)
    for connections in schedule.connections:
        _settle(door)
        used = watch.cpu_seconds() if watch else 0.0
        seen = loads.requests(door, connections, schedule.seconds)
        figures |= {
            f"rps_{connections}": seen.per_second,
            f"p50_{connections}": seen.p50_ms,
            f"p99_{connections}": seen.p99_ms,
            f"errors_{connections}": seen.errors,
        }
        if watch and seen.requests:
            figures[f"cpu_us_{connections}"] = (watch.cpu_seconds() - used) * 1e6 / seen.requests
        say(f"{turn.label}: {connections} connections: {seen}")
    for count in schedule.streams:
        _settle(door)
        flow = loads.streams(door, count, schedule.repeats(measured=True))
        figures |= {f"first_{count}": flow.first_p50_ms, f"gap_{count}": flow.gap_p99_ms}
        figures |= {f"lost_{count}": flow.lost}
        say(f"{turn.label}: {count} at once: {flow}")
    held = search(schedule.steps, partial(_probe, door, schedule, loads, turn), turn.near)
    say(f"{turn.label}: holds {held.whole} streams whole, {held.on_time} whole and on time")
    figures |= {"held_whole": held.whole, "held_on_time": held.on_time}
    figures["foreign_load"] = bystanders.share()
    return {key: value for key, value in figures.items() if not math.isnan(value)}


def _probe(door: Door, schedule: Schedule, loads: Loads, turn: Visit, count: int) -> StreamFigures:
    _settle(door)
    flow = loads.streams(door, count, schedule.repeats(measured=False))
    say(f"{turn.label}: trying {count} at once: {flow}")
    return flow


def _settle(door: Door) -> None:
    """Wait until a lone request is answered: a gateway may still be working for clients that have left."""
    deadline = time.monotonic() + READY_SECONDS
    while not answers(door):
        if time.monotonic() > deadline:
            raise BenchError(f"{door.url} no longer answers. Run it alone under this load to see why.")
        time.sleep(0.1)
    time.sleep(PAUSE_SECONDS)


def _grow(door: Door, schedule: Schedule, loads: Loads, watch: Watch, worker: int) -> Figures:
    before, begun, requests = memory("", watch.now(), worker), time.monotonic(), 0
    while requests < schedule.growth_requests and time.monotonic() - begun < schedule.growth_seconds:
        requests += loads.requests(door, 32, 10).requests
        say(f"growth: {requests:,} of {schedule.growth_requests:,} requests")
    time.sleep(SETTLE_SECONDS)
    after = memory("", watch.now(), worker)
    return {
        "growth": after["rss_"] - before["rss_"],
        "worker_growth": after["worker_rss_"] - before["worker_rss_"],
        "growth_requests": requests,
    }


def _await_ready(child: subprocess.Popen[bytes], target: Target, log: Path) -> float:
    """Seconds from the start to the first real answer."""
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < READY_SECONDS:
        if answers(target.door):
            return time.monotonic() - begun
        if child.poll() is not None:
            break
        time.sleep(0.01)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise BenchError(f"{tail}\n{target.name} did not answer within {waited:.0f} s. Its last words stand above.")


def answers(door: Door) -> bool:
    url = urlsplit(door.url)
    with _connection(url.hostname or "", url.port or 80) as connection:
        try:
            connection.request("POST", url.path, chat_body(stream=False), dict(door.headers))
            answer = connection.getresponse()
            return answer.status == 200 and f'"completion_tokens":{FRAMES}' in answer.read().decode().replace(" ", "")
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def _connection(host: str, port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
