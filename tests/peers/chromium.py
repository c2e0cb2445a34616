"""A Chromium of this machine, asked in its own protocol over a pipe."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.peers.missing import PeerMissing

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root it has no sandbox, and a container gives it little shared memory.
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run")
# It reads from descriptor 3 and writes to 4.
PIPED = """
import fcntl, os, sys
theirs, ours = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(theirs, 3)
os.dup2(ours, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One page; what it is asked is JavaScript."""

    def __init__(self, commands: int, answers: int, seconds: float = 30.0) -> None:
        self._commands = commands
        self._answers = answers
        self._until = time.monotonic() + seconds
        self._read = b""
        self._last = 0
        self._session: str | None = None

    def open(self, url: str) -> None:
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.navigate", url=url)
        while not self.run("document.readyState === 'complete' && location.href !== 'about:blank'"):
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        """The value of an expression, or of the promise that it is."""
        told = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            told = json.loads(self._next())
            if told.get("id") == self._last:
                assert "result" in told, told
                return told["result"]

    def _next(self) -> bytes:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, self._until - time.monotonic()))
            assert ready, "Chromium did not answer in time"
            self._read += os.read(self._answers, 1 << 16)
        message, _, self._read = self._read.partition(b"\0")
        return message


@contextmanager
def browsing(profile: Path) -> Iterator[Page]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise PeerMissing("no Chromium is installed")
    theirs, commands = os.pipe()
    answers, ours = os.pipe()
    launch = [sys.executable, "-c", PIPED, str(theirs), str(ours), program]
    child = subprocess.Popen(
        [*launch, *OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={profile}"],
        pass_fds=(theirs, ours),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(ours)
    try:
        yield Page(commands, answers)
    finally:
        # It ends when nobody writes to it any more.
        os.close(commands)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        os.close(answers)
