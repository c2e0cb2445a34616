"""One child process: spawned so that it cannot outlive us, its output read while it runs."""

import asyncio
import ctypes
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

PR_SET_PDEATHSIG = 1
READ_BYTES = 1 << 16
LAST_READS = 16
LINE_CHARACTERS = 2000
# A lone \r begins a line again: so programs draw their progress.
LINE_ENDS = re.compile(rb"(\r?\n|\r(?!\n))")


class Line(Struct, frozen=True):
    text: str
    passing: bool = False
    """The next one takes its place."""


class Output:
    """What a child writes, told in lines as it comes.

    A pipe of our own: asyncio's would hide the end of a child while a grandchild has the pipe open.
    """

    def __init__(self, on_lines: Callable[[list[Line]], None]) -> None:
        self._on_lines = on_lines
        self._rest = b""
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        asyncio.get_running_loop().add_reader(self._reader, self._read)

    def close(self) -> None:
        os.close(self.writer)
        # What it wrote last is more than one read; it may also have left somebody who never ends to write.
        for _ in range(LAST_READS):
            self._read()
        self._tell([Line(_text(self._rest))])
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)

    def _read(self) -> None:
        try:
            data = os.read(self._reader, READ_BYTES)
        except BlockingIOError:
            return
        lines, rest = split(self._rest + data)
        self._rest = rest[-READ_BYTES:]
        if b"\r" in data:
            # What is drawn stays without an end until it is drawn again.
            lines.append(Line(_text(self._rest), passing=True))
        self._tell(lines)

    def _tell(self, lines: list[Line]) -> None:
        if lines := [line for line in lines if line.text]:
            self._on_lines(lines)


def split(data: bytes) -> tuple[list[Line], bytes]:
    """The lines in it and what is not yet one. A \\r may be half of an end, so it waits for what follows."""
    lines = []
    begin = 0
    whole = data[:-1] if data.endswith(b"\r") else data
    for end in LINE_ENDS.finditer(whole):
        lines.append(Line(_text(data[begin : end.start()]), passing=end[0] == b"\r"))
        begin = end.end()
    return lines, data[begin:]


async def spawn(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    output: int | None = None,
    fds: Sequence[int] = (),
) -> asyncio.subprocess.Process:
    """In a session of its own. It dies with us, however we die."""
    return await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        pass_fds=fds,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        # Ctrl-C reaches a terminal's whole foreground group; who is told to stop is decided here.
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),
    )


class Leash:
    """Ends a child's whole group when we are gone, however we die: the kernel ends the child alone, not its children.

    Without a shell on the machine there is none.
    """

    def __init__(self, shell: asyncio.subprocess.Process | None) -> None:
        self._shell = shell

    @classmethod
    async def hold(cls, pid: int) -> "Leash":
        try:
            # It reads from a pipe that nobody writes to, and that only our end closes.
            return cls(
                await asyncio.create_subprocess_exec(
                    *("/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "leash", str(pid)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        except OSError:
            return cls(None)

    async def loose(self) -> None:
        """The group's number may be another's soon."""
        if self._shell is not None:
            with suppress(ProcessLookupError):
                self._shell.kill()
            await self._shell.wait()


def signal_process(pid: int, number: signal.Signals) -> None:
    """To a child alone; what it has started hears of it from the child."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def signal_group(pid: int, number: signal.Signals) -> None:
    """To a child and its own children; also to those that it left running, for they hold its port or its GPU."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def how_it_ended(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


def _text(data: bytes) -> str:
    return data.decode(errors="replace").rstrip()[:LINE_CHARACTERS]


def _die_with(parent: int) -> Callable[[], None] | None:
    """Asks the kernel to kill the child when this process dies, however it dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return arrange
