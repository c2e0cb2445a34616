"""Commands run for the tests: output in a file, progress while waiting, nothing left behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.peers.cache import Tell

TELL_EVERY = 10.0
RUN_LIMIT = 900.0


class ProcessFailed(Exception):
    """A command ended badly or took too long; the message carries the end of its output."""


def tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


class Process:
    """One command, in a process group of its own."""

    def __init__(self, command: Sequence[str | Path], log: Path, settings: Mapping[str, str] | None = None):
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(settings or {})},
                start_new_session=True,
            )
        self.pid = self._child.pid

    def wait_for(self, ready: Callable[[], bool], what: str, limit: float, tell: Tell) -> None:
        """Polls `ready`, telling every few seconds how long it has taken."""
        started = told = time.monotonic()
        tell(f"{what}…")
        while not ready():
            now = time.monotonic()
            if self._child.poll() is not None:
                raise ProcessFailed(f"{what}: exit status {self._child.returncode}\n{tail(self.log)}")
            if now - started > limit:
                raise ProcessFailed(f"{what}: not done after {limit:.0f} s\n{tail(self.log)}")
            if now - told > TELL_EVERY:
                tell(f"{what}… {now - started:.0f} s")
                told = now
            time.sleep(0.1)
        tell(f"{what}: {time.monotonic() - started:.1f} s")

    def succeeded(self) -> bool:
        return self._child.poll() == 0

    def stop(self, grace: float = 15.0) -> None:
        """Asks the leader to end, then kills whatever is left of its group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.terminate()
            self._child.wait(grace)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait()


def run(
    command: Sequence[str | Path], what: str, log: Path, tell: Tell, settings: Mapping[str, str] | None = None
) -> None:
    """Runs a command to its end; raises with the end of its output when it fails."""
    process = Process(command, log, settings)
    try:
        process.wait_for(process.succeeded, what, RUN_LIMIT, tell)
    finally:
        process.stop(grace=0)
