"""Scans many texts on all cores; what comes out is in the order of what went in, and memory is bounded."""

import secrets
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

import msgspec
from msgspec import Struct

from api.private import open_privacy
from appliance.errors import PrivacyUnavailable, RingfenceError
from appliance.privacy.privacy import Privacy
from appliance.privacy.span import Span
from appliance.settings import Settings

# A process gets this much at once: enough that handing it over costs nothing beside the scan.
BATCH_TEXTS = 256
BATCH_CHARACTERS = 128 << 10
AHEAD = 4
"""Batches for each process that may be under way or wait for an earlier one."""
# Nobody waits for one text of many, and other processes want the cores too.
PATIENCE_SECONDS = 600.0


class Document(Struct, frozen=True):
    id: str | int
    text: str


class Found(Struct, frozen=True):
    id: str | int
    spans: tuple[Span, ...]


class Scan(Struct, frozen=True, kw_only=True):
    """How to scan: as the settings want it for this tenant."""

    settings: Settings
    tenant: str
    processes: int

    def run(self, documents: Iterable[Document], tell: Callable[[str], None]) -> Iterator[bytes]:
        """JSON lines, many at a time."""
        batches = _batches(documents)
        first = next(batches, None)
        if first is None:
            return
        second = next(batches, None)
        privacy = self.open()
        if second is None:
            # So little is scanned before anything could be compiled.
            yield _scanned(privacy, self.tenant, first)
            return
        if not privacy.is_prepared():
            tell("Compiling what finds personal data (once, some seconds)")
        privacy.prepare()
        rest = chain([first, second], batches)
        if self.processes == 1:
            for batch in rest:
                yield _scanned(privacy, self.tenant, batch)
            return
        with _workers(self) as workers:
            yield from _in_order(workers, rest)

    def open(self) -> Privacy:
        patient = msgspec.structs.replace(self.settings.privacy, deadline_seconds=PATIENCE_SECONDS)
        # The key makes placeholders, and a scan makes none.
        return open_privacy(msgspec.structs.replace(self.settings, privacy=patient), secrets.token_bytes(32))


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for each in documents:
        batch.append(each)
        size += len(each.text)
        if size >= BATCH_CHARACTERS or len(batch) >= BATCH_TEXTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _scanned(privacy: Privacy, tenant: str, batch: Sequence[Document]) -> bytes:
    encode = msgspec.json.encode
    return b"".join([encode(_found(privacy, tenant, each)) + b"\n" for each in batch])


def _found(privacy: Privacy, tenant: str, document: Document) -> Found:
    try:
        return Found(document.id, privacy.open(tenant).spans(document.text))
    except RingfenceError as error:
        raise PrivacyUnavailable(f"{document.id}: {error.message}") from None


def _in_order(workers: Sequence[Connection], batches: Iterable[Sequence[Document]]) -> Iterator[bytes]:
    left = iter(batches)
    busy: dict[Connection, int] = {}
    done: dict[int, bytes] = {}
    sent = wanted = 0
    while True:
        for worker in workers:
            free = worker not in busy and sent - wanted < AHEAD * len(workers)
            if free and (batch := next(left, None)) is not None:
                worker.send(batch)
                busy[worker] = sent
                sent += 1
        if not busy:
            return
        for ready in wait(list(busy)):
            assert isinstance(ready, Connection)
            done[busy.pop(ready)] = _received(ready)
        while wanted in done:
            yield done.pop(wanted)
            wanted += 1


def _received(worker: Connection) -> bytes:
    try:
        answer: bytes | RingfenceError = worker.recv()
    except EOFError:
        raise PrivacyUnavailable("A process of the scan has died, perhaps of too little memory. Try again.") from None
    if isinstance(answer, RingfenceError):
        raise answer
    return answer


@contextmanager
def _workers(scan: Scan) -> Iterator[list[Connection]]:
    # Not forked: libraries with threads do not survive it.
    context = get_context("spawn")
    pairs = [context.Pipe() for _ in range(scan.processes)]
    processes = [context.Process(target=_work, args=(scan, theirs), daemon=True) for _, theirs in pairs]
    try:
        for process, (_, theirs) in zip(processes, pairs, strict=True):
            process.start()
            theirs.close()
        yield [ours for ours, _ in pairs]
    finally:
        for process in processes:
            if process.pid is not None:
                process.terminate()
                process.join()


def _work(scan: Scan, batches: Connection) -> None:
    # Ctrl-C is for the one that started this; it ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    privacy = scan.open()
    privacy.prepare()
    while True:
        try:
            batch = batches.recv()
        except EOFError:
            return
        try:
            batches.send(_scanned(privacy, scan.tenant, batch))
        except RingfenceError as error:
            batches.send(error)
