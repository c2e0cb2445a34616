"""What the processes of one engine write: the last lines at hand, more of them in a file, all of them to followers."""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from appliance.log import redact
from inference.control import Crash

logger = logging.getLogger(__name__)

LINES = 1000
CRASHES = 5
FILE_BYTES = 4 << 20
# Lines that a follower may be behind; then it misses the oldest.
BEHIND = 1000


def log_file(var: Path, engine: str) -> Path:
    """A name may hold what a path must not."""
    return var / "log" / "engines" / f"{quote(engine, safe=' ')}.log"


class EngineLog:
    """Of one engine, over all its processes. `file` grows to 4 MB, then it becomes `file`.1."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: deque[str] = deque(maxlen=LINES)
        self.crashes: deque[Crash] = deque(maxlen=CRASHES)
        self._followers: set[asyncio.Queue[str]] = set()
        self._broken = False

    def write(self, lines: Iterable[str]) -> None:
        clean = [redact(line) for line in lines]
        self.lines.extend(clean)
        for follower in self._followers:
            for line in clean:
                if follower.full():
                    follower.get_nowait()
                follower.put_nowait(line)
        self._keep("".join(f"{line}\n" for line in clean).encode())

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[str]]:
        """The lines from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue(BEHIND)
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)

    def _keep(self, data: bytes) -> None:
        """A full disk costs the file, not the engine."""
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.fstat(descriptor).st_size + len(data) > FILE_BYTES:
                    self.file.replace(self.file.with_name(f"{self.file.name}.1"))
                    os.close(descriptor)
                    descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
            self._broken = False
        except OSError as error:
            if not self._broken:
                logger.warning("%s cannot be written: %s. Make room there.", self.file, error.strerror)
            self._broken = True
