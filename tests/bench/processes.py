"""Child processes pinned to a core: started, measured through /proc, ended by their id."""

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
STOP_SECONDS = 20


@dataclass(frozen=True)
class Cores:
    """Which core the gateway has to itself, and which the mock and the load share; None is unpinned."""

    gateway: int | None
    load: int | None

    def __str__(self) -> str:
        if self.gateway is None:
            return "not pinned: needs Linux and two cores, so nothing here compares with other runs"
        return f"gateway alone on core {self.gateway}, mock and load on core {self.load}"


def choose_cores() -> Cores:
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1]) if len(usable) > 1 else Cores(None, None)


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    cpu_seconds: float
    resident_bytes: int


def parse_stat(text: str) -> Process:
    """Read one /proc/PID/stat; the command in brackets may itself hold spaces and brackets."""
    before, _, after = text.rpartition(")")
    fields = after.split()
    return Process(
        pid=int(before.split(" ", 1)[0]),
        parent=int(fields[1]),
        cpu_seconds=(int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND,
        resident_bytes=int(fields[21]) * PAGE_BYTES,
    )


def family(root: int, processes: Sequence[Process]) -> list[Process]:
    """The process with that id and all that descend from it."""
    members = {root}
    grown = True
    while grown:
        young = {p.pid for p in processes if p.parent in members} - members
        members |= young
        grown = bool(young)
    return [p for p in processes if p.pid in members]


def sample(root: int) -> list[Process]:
    processes = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # A process may end between the listing and the reading.
        with suppress(FileNotFoundError, ProcessLookupError):
            processes.append(parse_stat(stat.read_text()))
    return family(root, processes)


def parse_busy(text: str, core: int) -> float:
    """Seconds that a core has spent on any process, or had taken by the hypervisor, by /proc/stat."""
    fields = next(line.split() for line in text.splitlines() if line.startswith(f"cpu{core} "))
    user, nice, system, steal = (int(fields[i]) for i in (1, 2, 3, 8))
    return (user + nice + system + steal) / TICKS_PER_SECOND


def busy_seconds(core: int) -> float:
    return parse_busy(Path("/proc/stat").read_text(), core)


class Bystanders:
    """What programs that are no part of the bench take of one core, from here on."""

    def __init__(self, core: int | None, ours: Callable[[], float]) -> None:
        self._core = core
        self._ours = ours
        self._begun = self._now()

    def share(self) -> float:
        (began, core, ours), (now, core_now, ours_now) = self._begun, self._now()
        return max(0.0, (core_now - core) - (ours_now - ours)) / (now - began)

    def _now(self) -> tuple[float, float, float]:
        return time.monotonic(), 0.0 if self._core is None else busy_seconds(self._core), self._ours()


def cpu_seconds(root: int) -> float:
    """What a process and its descendants have used."""
    return sum(p.cpu_seconds for p in sample(root))


def own_cpu_seconds() -> float:
    """What this process and the children that it has already waited for have used."""
    return sum(os.times()[:4])


def allow_many_files() -> None:
    """Raise this process's limit, and with it its children's: 2,000 streams need 4,000 sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep this process, and whatever it starts meanwhile, on that core."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def with_environment(argv: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in environment.items()), *argv]


@contextmanager
def running(argv: Sequence[str], core: int | None, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child in a session of its own for the length of the block, then end that session."""
    with log.open("ab") as output, pinned(core):
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        stop(child)


def stop(child: subprocess.Popen[bytes]) -> None:
    if child.returncode is not None:
        return
    os.kill(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while not _ended(child.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    # Not yet reaped, so the number is still ours; this reaches whatever the session left behind.
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
