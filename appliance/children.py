"""Child processes that are kept running: started, watched, restarted with back-off, never left behind."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from msgspec import Struct

logger = logging.getLogger(__name__)

# Told the process id and the exit status; a negative one is the signal that ended it.
OnExit = Callable[[int, int], None]

# The exit status of a child that would refuse to start in the same words again (EX_CONFIG of sysexits.h).
REFUSED = 78

PR_SET_PDEATHSIG = 1
TAIL_LINES = 20
READ_BYTES = 1 << 16
LINE_CHARACTERS = 2000


class Backoff(Struct, frozen=True):
    """How patient to be with a child that ends by itself."""

    first: float = 0.25
    cap: float = 30.0
    healthy_after: float = 20.0
    quarantine_after: int = 5

    def delay(self, crashes: int) -> float:
        """Seconds to wait before the start that follows the n-th quick crash in a row."""
        return min(self.cap, self.first * 2.0 ** min(crashes - 1, 60))

    def crashes(self, before: int, lived: float) -> int:
        """Quick crashes in a row, now that one more child ended after `lived` seconds."""
        return 1 if lived >= self.healthy_after else before + 1

    def quarantines(self, crashes: int) -> bool:
        return crashes == self.quarantine_after


class Program(Struct, frozen=True):
    """What to run as a child."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    fds: tuple[int, ...] = ()
    grace: float = 10.0
    # The child's output is kept to explain a crash; without it the child writes where we write.
    captured: bool = False
    backoff: Backoff = Backoff()


class Output:
    """What a child writes: passed on at `debug`, its last lines kept.

    A pipe of our own: asyncio's would hide the end of a child while a grandchild has the pipe open.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        asyncio.get_running_loop().add_reader(self._reader, self._read)

    def close(self) -> None:
        os.close(self.writer)
        self._read()
        self._keep(self._rest)
        asyncio.get_running_loop().remove_reader(self._reader)
        os.close(self._reader)

    def _read(self) -> None:
        try:
            data = os.read(self._reader, READ_BYTES)
        except BlockingIOError:
            return
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-READ_BYTES:]
        for line in lines:
            self._keep(line)

    def _keep(self, line: bytes) -> None:
        if text := line.decode(errors="replace").rstrip()[:LINE_CHARACTERS]:
            self.tail.append(text)
            logger.debug(text, extra={"child": self.name})


class Child:
    """One program, kept running from `start` to `stop`."""

    def __init__(self, program: Program, on_exit: OnExit | None = None) -> None:
        self.program = program
        self.on_exit = on_exit
        self.process: asyncio.subprocess.Process | None = None
        self.crashes = 0
        self.tail: tuple[str, ...] = ()
        self._stopping = asyncio.Event()
        self._killed = False
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.returncode is None else None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_running(), name=self.program.name)

    async def stop(self) -> bool:
        """SIGTERM, the program's grace, then SIGKILL. True when the child ended by itself."""
        self._stopping.set()
        self.signal(signal.SIGTERM)
        if self._task is None:
            return True
        done, _ = await asyncio.wait([self._task], timeout=self.program.grace)
        if not done:
            logger.warning("child did not stop in time and is killed", extra=self._about())
            self.kill()
            await self._task
        return not self._killed

    def kill(self) -> None:
        self._stopping.set()
        self._killed = self._killed or self.pid is not None
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """To the child's whole group: it may have children of its own."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    async def _keep_running(self) -> None:
        while not self._stopping.is_set():
            begun = time.monotonic()
            status = await self._run_once()
            if self._stopping.is_set():
                return
            self.crashes = self.program.backoff.crashes(self.crashes, time.monotonic() - begun)
            delay = self.program.backoff.delay(self.crashes)
            self._report_crash(status, delay)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _run_once(self) -> str:
        output = Output(self.program.name) if self.program.captured else None
        try:
            process = self.process = await self._spawn(output.writer if output else None)
            logger.info("child started", extra=self._about())
            if self._stopping.is_set():
                self.signal(signal.SIGTERM)
            code = await process.wait()
        except OSError as error:
            return f"could not be started: {error.strerror}"
        finally:
            if output:
                output.close()
                self.tail = tuple(output.tail)
        # What the child left running would hold its port, its memory or its GPU.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if self.on_exit:
            self.on_exit(process.pid, code)
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"

    async def _spawn(self, output: int | None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.program.command,
            env=self.program.environment,
            pass_fds=self.program.fds,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches a terminal's whole foreground group; who is told to stop is decided here.
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )

    def _report_crash(self, status: str, delay: float) -> None:
        about = self._about() | {"crashes": self.crashes, "restart_seconds": round(delay, 2)}
        logger.error("child %s and will be restarted", status, extra=about)
        for line in self.tail:
            logger.error("last lines: %s", line, extra={"child": self.program.name})
        if self.program.backoff.quarantines(self.crashes):
            logger.critical(
                "%s crashed %d times in a row; it is tried again every %.0f s. See its last lines above, "
                "or run `ringfence doctor`.",
                self.program.name,
                self.crashes,
                self.program.backoff.cap,
            )

    def _about(self) -> dict[str, object]:
        return {"child": self.program.name, "pid": self.process.pid if self.process else None}


class Children:
    """A group of children that is started and stopped together."""

    def __init__(self, programs: Iterable[Program], on_exit: OnExit | None = None) -> None:
        self.all = tuple(Child(program, on_exit) for program in programs)

    def start(self) -> None:
        for child in self.all:
            child.start()

    async def stop(self) -> bool:
        """True when all of them ended by themselves."""
        return all(await asyncio.gather(*(child.stop() for child in self.all)))

    def kill(self) -> None:
        for child in self.all:
            child.kill()


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
