"""The two loads: wrk for whole answers, the rig for streams. Both run on the load core."""

import json
import math
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.bench.arrivals import FRAME_MS, FRAMES, Arrivals, StreamFigures, analyse
from tests.bench.processes import cpu_seconds, own_cpu_seconds, pinned

WRK_SCRIPT = Path(__file__).with_name("wrk.lua")
STREAM_MS = int(FRAMES * FRAME_MS)
POLL_SECONDS = 0.5

MESSAGES = (
    {"role": "system", "content": "You help customers of an internet provider. Answer in two sentences."},
    {
        "role": "user",
        "content": "My router shows a red light since this morning. What should I do, "
        "and is there an outage in my street? My customer number is NUMBER.",
    },
)


def chat_body(*, stream: bool) -> str:
    body: dict[str, Any] = {
        "model": "mock-model",
        "messages": MESSAGES,
        "max_tokens": FRAMES,
        "temperature": 0,
    }
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return json.dumps(body)


@dataclass(frozen=True)
class RequestFigures:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int

    @property
    def per_second(self) -> float:
        return (self.requests - self.refused) / self.seconds

    @property
    def errors(self) -> int:
        return self.refused + self.broken

    def __str__(self) -> str:
        rate = f"{self.per_second:,.0f}/s, p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms"
        return f"{rate}, {self.refused} refused, {self.broken} broken" if self.errors else rate


def parse_wrk(output: bytes) -> RequestFigures:
    """Read the last line that wrk.lua prints; where nothing was answered there is no latency."""
    seen = RequestFigures(**json.loads(output.splitlines()[-1]))
    return seen if seen.requests else replace(seen, p50_ms=math.nan, p99_ms=math.nan)


@dataclass(frozen=True)
class Door:
    """Where a load knocks, and with which headers."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Loads:
    wrk: Path
    rig: Path
    scratch: Path
    core: int | None
    mock: int
    watch: Callable[[], None] = lambda: None

    def watched(self, watch: Callable[[], None]) -> "Loads":
        """The same loads, calling `watch` twice a second while they run."""
        return replace(self, watch=watch)

    def cpu_seconds(self) -> float:
        """What the mock, this process and the loads so far have used of the load core."""
        return cpu_seconds(self.mock) + own_cpu_seconds()

    def requests(self, door: Door, connections: int, seconds: float) -> RequestFigures:
        head = "".join(f"{name}: {value}\n" for name, value in door.headers.items())
        request = self.scratch / "request.http"
        request.write_text(f"{head}\n{chat_body(stream=False)}")
        # wrk takes whole seconds; a slow target's answers must not count as broken.
        argv = f"{self.wrk} -t1 -c{connections} -d{max(1, round(seconds))}s --timeout 60s -s".split()
        output = self._run([*argv, str(WRK_SCRIPT), door.url, "--", str(request)], b"")
        return parse_wrk(output)

    def streams(self, door: Door, count: int, repeats: int) -> StreamFigures:
        plan = {
            "url": door.url,
            "headers": dict(door.headers),
            "body": chat_body(stream=True),
            "streams": count,
            "repeats": repeats,
            "ramp_ms": STREAM_MS,
            "deadline_ms": 2 * STREAM_MS,
        }
        records = json.loads(self._run([str(self.rig), "load"], json.dumps(plan).encode()))
        return analyse([Arrivals(r["status"], r["done"], r["sequence"], r["at_us"]) for r in records])

    def _run(self, argv: list[str], stdin: bytes) -> bytes:
        source, sink = self.scratch / "load.in", self.scratch / "load.out"
        source.write_bytes(stdin)
        with source.open("rb") as given, sink.open("wb") as output, pinned(self.core):
            child = subprocess.Popen(argv, stdin=given, stdout=output)
        try:
            while child.poll() is None:
                self._wait(child)
        finally:
            child.kill()
            child.wait()
        if child.returncode != 0:
            raise subprocess.CalledProcessError(child.returncode, argv)
        return sink.read_bytes()

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        try:
            child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            self.watch()
