"""One target's turn in one round: start it, load it, measure it, end it."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.arrivals import FRAMES
from tests.bench.capacity import STEPS, search
from tests.bench.load import STREAM_MS, Door, Loads, chat_body
from tests.bench.processes import Cores, Process, busy_seconds, running, sample
from tests.bench.provision import BenchError
from tests.bench.targets import Target

READY_SECONDS = 120
SETTLE_SECONDS = 2
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
    """The processes of one gateway: their memory and their share of the core."""

    def __init__(self, root: int, core: int | None) -> None:
        self._root = root
        self._core = core
        self.peak = self.now()
        self._begun = time.monotonic(), self._core_seconds(), self.cpu_seconds()

    def now(self) -> list[Process]:
        return sample(self._root)

    def look(self) -> None:
        self.peak = max(self.peak, self.now(), key=resident)

    def cpu_seconds(self) -> float:
        return sum(p.cpu_seconds for p in self.now())

    def foreign_share(self) -> float:
        """Part of the gateway's core that other programs of this machine took meanwhile."""
        began, core_before, own_before = self._begun
        core, own = self._core_seconds() - core_before, self.cpu_seconds() - own_before
        return max(0.0, core - own) / (time.monotonic() - began)

    def _core_seconds(self) -> float:
        return 0.0 if self._core is None else busy_seconds(self._core)


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
        watch = Watch(child.pid, cores.gateway)
        idle = watch.now()
        figures = _drive(target, schedule, loads.watched(watch.look), watch, turn)
        figures |= {"ready_s": ready, "foreign_share": watch.foreign_share()}
        time.sleep(SETTLE_SECONDS)
        after = watch.now()
        # The busiest of the family serves the requests; a supervisor beside it hardly runs.
        worker = max(after, key=lambda p: p.cpu_seconds).pid
        stages = {"idle": idle, "loaded": watch.peak, "after": after}
        for stage, processes in stages.items():
            figures |= memory(stage, processes, worker)
        if turn.grow:
            figures |= _grow(target.door, schedule, loads, watch, worker)
    return figures


def _drive(target: Target, schedule: Schedule, loads: Loads, watch: Watch | None, turn: Visit) -> Figures:
    figures: Figures = {}
    loads.requests(target.door, max(schedule.connections), schedule.warm_seconds)
    for connections in schedule.connections:
        used = watch.cpu_seconds() if watch else 0.0
        seen = loads.requests(target.door, connections, schedule.seconds)
        used = watch.cpu_seconds() - used if watch else 0.0
        figures |= {
            f"rps_{connections}": seen.per_second,
            f"p50_{connections}": seen.p50_ms,
            f"p99_{connections}": seen.p99_ms,
            f"errors_{connections}": seen.errors,
            f"cpu_us_{connections}": used * 1e6 / max(1, seen.requests),
        }
        rate = f"{seen.per_second:,.0f}/s, p50 {seen.p50_ms:.2f} ms, p99 {seen.p99_ms:.2f} ms"
        say(f"{turn.label}: {connections} connections: {rate}, {seen.errors} errors")
    for count in schedule.streams:
        flow = loads.streams(target.door, count, schedule.repeats(measured=True))
        figures |= {f"first_{count}": flow.first_p50_ms, f"gap_{count}": flow.gap_p99_ms}
        figures |= {f"lost_{count}": flow.lost}
        say(f"{turn.label}: {count} streams: {flow}")
    held = search(
        schedule.steps, lambda n: loads.streams(target.door, n, schedule.repeats(measured=False)), turn.near
    )
    say(f"{turn.label}: holds {held.whole} streams whole, {held.on_time} of them on time")
    return figures | {"held_whole": held.whole, "held_on_time": held.on_time}


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
    raise BenchError(
        f"{tail}\n{target.name} did not answer within {waited:.0f} s. Its last words stand above."
    )


def answers(door: Door) -> bool:
    url = urlsplit(door.url)
    with _connection(url.hostname or "", url.port or 80) as connection:
        try:
            connection.request("POST", url.path, chat_body(stream=False), dict(door.headers))
            answer = connection.getresponse()
            return answer.status == 200 and f'"completion_tokens":{FRAMES}' in answer.read().decode().replace(
                " ", ""
            )
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
