"""Reads the GPUs in a thread of one process and leaves what it read in a file, which every process can show.

So a driver that hangs holds up nobody, and faults, of which NVML tells each listener once, are counted once.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.gpus import nvml
from appliance.gpus.figures import Device, Fault, Sample, Source

FILE = "gpus.json"
EVERY_SECONDS = 2.0
STALE_SECONDS = 15.0
# A driver that reports a fault in a row would keep us from reading.
MOST_FAULTS = 100

log = logging.getLogger(__name__)


class Snapshot(Struct, frozen=True):
    at: float
    """By the clock that all processes of a machine share, and that nobody sets."""
    devices: tuple[Device, ...]
    faults: tuple[tuple[Fault, int], ...] = ()
    """Each with how often it came."""

    @property
    def samples(self) -> Iterator[tuple[int | None, Sample]]:
        """With the index of the GPU."""
        for device in self.devices:
            yield from ((device.index, sample) for sample in device.samples)
        for fault, number in self.faults:
            yield fault.index, Sample("xid_errors", number, str(fault.xid))


class Watch:
    def __init__(self, find: Callable[[], Source | None], file: Path, every_seconds: float = EVERY_SECONDS) -> None:
        self._find = find
        self._file = file
        self._every = every_seconds
        self._faults: Counter[Fault] = Counter()
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until it is stopped; does nothing where there are no GPUs."""
        source = self._find()  # here, because a driver that nobody uses takes seconds to wake
        if source is None:
            return
        try:
            while not self._stop.is_set():
                self._look(source)
                self._listen(source)
        finally:
            source.close()

    def _look(self, source: Source) -> None:
        snapshot = Snapshot(time.monotonic(), tuple(source.read()), tuple(self._faults.items()))
        draft = self._file.with_suffix(".new")
        try:
            draft.write_bytes(msgspec.json.encode(snapshot))
            draft.replace(self._file)
        except OSError as error:
            log.warning("the GPUs' figures cannot be kept: %s", error.strerror)

    def _listen(self, source: Source) -> None:
        """Counts faults until it is time to look again, or one came."""
        until = time.monotonic() + self._every
        fault = source.wait(self._every)
        if fault is None:
            # It may have come back early, where no GPU reports faults.
            self._stop.wait(max(0.0, until - time.monotonic()))
        while fault is not None and not self._stop.is_set():
            self._faults[fault] += 1
            log.error("GPU %s reports XID %d", "?" if fault.index is None else fault.index, fault.xid)
            is_flood = self._faults.total() % MOST_FAULTS == 0
            fault = None if is_flood else source.wait(0)


@contextmanager
def watching(folder: Path, find: Callable[[], Source | None] = nvml.find) -> Iterator[None]:
    """Keeps the file in `folder` fresh meanwhile; writes none where there are no GPUs."""
    file = folder / FILE
    file.unlink(missing_ok=True)
    watch = Watch(find, file)
    # A driver that hangs must not keep the appliance from ending.
    threading.Thread(target=watch.run, name="gpus", daemon=True).start()
    try:
        yield
    finally:
        watch.stop()


def last(folder: Path) -> Snapshot | None:
    """What was read last; None where there are no GPUs, or when it is too old to be true."""
    try:
        snapshot = msgspec.json.decode((folder / FILE).read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError):
        return None
    return snapshot if 0 <= time.monotonic() - snapshot.at <= STALE_SECONDS else None
