"""Where files are read: a few processes that can do no harm, replaced when one dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from msgspec import msgpack

from appliance.children import REFUSED
from appliance.errors import ConfigError, Unavailable
from appliance.settings.knowledge import Reading
from ingest.content import Content, Unread
from ingest.readers.file import Bounds
from ingest.readers.wire import LENGTH, ORDER, OUT_OF_MEMORY, Job, Orders, Reply, framed, head

COMMAND = ("-I", "-m", "ingest.readers.child")
STARTING = 30.0
"""Seconds that a process may take until it is ready, on a machine that is busy."""
DEATHS = 5
"""Of processes over one file, before the rest of what lies in it is given up."""

REASONS = {
    "too_slow": "Reading it takes longer than {seconds:g} s. Split it, or raise knowledge.reading.seconds.",
    "out_of_memory": "Reading it takes more memory than there is. Split it, or give the machine more.",
    "crashed": "The reader broke on it. Save or export it again, or leave it out.",
}


class _Lost(Exception):
    """A process that is gone, and why."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class ReadingRoom:
    """`read` may be called by many at once; as many as there are processes are served."""

    def __init__(self, settings: Reading) -> None:
        self._settings = settings
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._seats = asyncio.Semaphore(settings.processes)

    async def read(self, path: str, data: bytes) -> AsyncGenerator[Content | Unread, None]:
        """Every document in the file, in its order; of what cannot be read an `Unread` with the reason."""
        if len(data) > self._settings.file_limit:
            yield Unread(path, "too_large", "The file is over knowledge.reading.file_limit. Split it, or raise that.")
            return
        async with self._seats:
            begun, current = 0, path
            for _ in range(DEATHS):
                process = await self._process()
                try:
                    async for reply in process.work(Job(path, begun), data, self._settings.seconds):
                        if reply.begun:
                            begun, current = begun + 1, reply.begun
                        elif found := reply.content or reply.unread:
                            yield found
                        elif not reply.worn:
                            self._idle.append(process)
                            self._busy.discard(process)
                    return
                except _Lost as lost:
                    yield Unread(current, lost.fault, REASONS[lost.fault].format(seconds=self._settings.seconds))
                    if current == path:
                        return
                finally:
                    if process in self._busy:
                        self._busy.discard(process)
                        await process.end()
            yield Unread(path, "crashed", f"Reading broke {DEATHS} times; what follows in it was left out. Split it.")

    async def close(self) -> None:
        """Ends every process, also those that read."""
        processes = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(each.end() for each in processes))

    async def _process(self) -> "_Process":
        while self._idle:
            if (process := self._idle.pop()).is_alive:
                break
        else:
            process = await _Process.start(self._settings)
        self._busy.add(process)
        return process


class _Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process = process
        self._input = process.stdin
        self._output = process.stdout

    @classmethod
    async def start(cls, settings: Reading) -> "_Process":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # What it would write quotes documents.
            stderr=asyncio.subprocess.DEVNULL,
            # With it ends what it has started.
            start_new_session=True,
            env={},
        )
        started = cls(process)
        started._input.write(framed(Orders(_bounds(settings), settings.seconds, settings.memory)))
        try:
            await started._reply(STARTING)
        except _Lost as lost:
            await started.end()
            raise Unavailable("A process that reads did not start. Look at the machine's memory; try again.") from lost
        return started

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def work(self, job: Job, data: bytes, seconds: float) -> AsyncIterator[Reply]:
        """Each reply must come within the time: with each file the clock begins anew."""
        self._input.write(framed(job) + head(data))
        self._input.write(data)
        while True:
            reply = await self._reply(seconds)
            yield reply
            if reply.is_end:
                return

    async def _reply(self, seconds: float) -> Reply:
        try:
            async with asyncio.timeout(seconds):
                await self._input.drain()
                length = await self._output.readexactly(LENGTH)
                frame = await self._output.readexactly(int.from_bytes(length, ORDER))
        except TimeoutError:
            raise _Lost("too_slow") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Lost(await self._died()) from None
        return msgpack.decode(frame, type=Reply)

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._input.close()

    async def _died(self) -> str:
        code = await self._process.wait()
        if code == REFUSED:
            raise ConfigError("This machine lets readers not be locked in, so nothing is read. Allow seccomp filters.")
        if code == -signal.SIGXCPU:
            return "too_slow"
        # Only the kernel kills it before we do, when the machine has no memory left.
        return "out_of_memory" if code in (OUT_OF_MEMORY, -signal.SIGKILL) else "crashed"


def _bounds(settings: Reading) -> Bounds:
    return Bounds(
        size=settings.file_limit,
        pages=settings.pages,
        ocr_pages=settings.scanned_pages,
        languages="+".join(settings.scan_languages),
    )
