"""Child processes that are kept running: started, watched, restarted with back-off, never left behind."""

import asyncio
import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from msgspec import Struct

from appliance.process import Line, Output, how_it_ended, signal_group, spawn

logger = logging.getLogger(__name__)

# Told the process id and the exit status; a negative one is the signal that ended it.
OnExit = Callable[[int, int], None]

# The exit status of a child that would refuse to start in the same words again (EX_CONFIG of sysexits.h).
REFUSED = 78

TAIL_LINES = 20


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


class Child:
    """One program, kept running from `start` to `stop`."""

    def __init__(self, program: Program, on_exit: OnExit | None = None) -> None:
        self.program = program
        self.on_exit = on_exit
        self.process: asyncio.subprocess.Process | None = None
        self.crashes = 0
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
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
            signal_group(self.pid, number)

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
        self.tail.clear()
        output = Output(self._heard) if self.program.captured else None
        program = self.program
        try:
            process = self.process = await spawn(
                program.command, program.environment, output.writer if output else None, program.fds
            )
            logger.info("child started", extra=self._about())
            if self._stopping.is_set():
                self.signal(signal.SIGTERM)
            code = await process.wait()
        except OSError as error:
            return f"could not be started: {error.strerror}"
        finally:
            if output:
                output.close()
        signal_group(process.pid, signal.SIGKILL)
        if self.on_exit:
            self.on_exit(process.pid, code)
        return how_it_ended(code)

    def _heard(self, lines: list[Line]) -> None:
        for line in lines:
            if not line.passing:
                self.tail.append(line.text)
                logger.debug(line.text, extra={"child": self.program.name})

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
