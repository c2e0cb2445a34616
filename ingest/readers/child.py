"""The process that reads: `python -m ingest.readers.child`. It takes files and gives documents until its input ends."""

import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import msgpack

from appliance.children import REFUSED
from appliance.errors import ConfigError
from ingest.content import Content, Unread
from ingest.readers import cage
from ingest.readers.file import File
from ingest.readers.walk import documents
from ingest.readers.wire import OUT_OF_MEMORY, Job, Orders, Reply, framed, received

WORN = 0.5
"""Of the memory allowed: a process that has taken as much does not give it back."""


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Says that it is ready, and locked in, before the first file comes."""
    orders = msgpack.decode(received(source), type=Orders)
    cage.lock(orders.memory)
    target.write(framed(Reply()))
    target.flush()
    while frame := received(source):
        job = msgpack.decode(frame, type=Job)
        file = File(job.path, received(source))
        for reply in replies(file, job.skip, orders, cage.allow_time):
            target.write(framed(reply))
            target.flush()


def replies(file: File, skip: int, orders: Orders, allow_time: Callable[[float], None]) -> Iterator[Reply]:
    """With each file the time begins anew."""
    for piece in documents(file, orders.bounds, skip):
        if isinstance(piece, File):
            allow_time(orders.seconds)
            yield Reply(begun=piece.path)
        elif isinstance(piece, Content):
            yield Reply(content=piece)
        elif isinstance(piece, Unread):
            yield Reply(unread=piece)
    yield Reply(worn=_resident() > orders.memory * WORN)


def _resident() -> int:
    """Bytes in memory now. What getrusage tells begins with what our owner had when it started us."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0  # not Linux


def main() -> None:
    """Our answers go where standard output went; what a library prints goes nowhere."""
    target = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.dont_write_bytecode = True
    try:
        serve(sys.stdin.buffer, target)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except ConfigError:
        os._exit(REFUSED)


if __name__ == "__main__":
    main()
