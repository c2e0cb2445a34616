"""One change of a tenant's documents at a time on this machine. The kernel lets go of whoever is killed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import StorageError, Unavailable


@contextmanager
def turn(folder: Path, tenant: str) -> Iterator[None]:
    file = folder / f"{tenant}.turn"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"{file} cannot be made: {error.strerror}. Let Ringfence write to {folder}.") from error
    try:
        _lock(descriptor, tenant)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, tenant: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unavailable(
            f"Another process changes the documents of {tenant}. Wait until it is done, or end it."
        ) from None
