"""A GPU as the arithmetic of memory sees it: measured, or by name from our table."""

import difflib
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.errors import ModelError

GIB = 1 << 30
MOST = 1024
DRIVER = Path("/proc/driver/nvidia/version")
# What a card of a given size, and nothing else, is taken for.
UNKNOWN_COMPUTE = 9.0

_WRITTEN = re.compile(r"(?:(\d{1,4})\s*x\s*)?(.+)", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*gi?b", re.IGNORECASE)


class Gpu(Struct, frozen=True, kw_only=True):
    name: str
    total: int
    """Bytes."""
    free: int
    """Bytes: what nothing else holds. Of a GPU by name, all of it."""
    bandwidth: int = 0
    """Bytes a second; 0: not known."""
    compute: float = UNKNOWN_COMPUTE


class Gpus(Struct, frozen=True):
    """GPUs of one kind in one machine."""

    kind: Gpu
    number: int

    def __str__(self) -> str:
        return f"{self.number} x {self.kind.name}"


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    memory: float
    bandwidth: int
    compute: float


def known() -> dict[str, Gpu]:
    """The table, by lower-case name."""
    text = files("models").joinpath("gpus.toml").read_text("utf-8")
    entries = msgspec.convert(tomllib.loads(text), dict[str, Entry])
    return {
        name: Gpu(
            name=name.upper(),
            total=round(each.memory * GIB),
            free=round(each.memory * GIB),
            bandwidth=each.bandwidth * 10**9,
            compute=each.compute,
        )
        for name, each in entries.items()
    }


def of_this_machine(driver: Path = DRIVER) -> Gpus:
    why = "This machine's GPUs are not read yet." if driver.exists() else "This machine has no NVIDIA driver."
    raise ModelError(f"{why} Say which GPUs you mean, as in `--gpus 2xL40S`, `--gpus h200` or `--gpus 2x48GiB`.")


def parse(written: str) -> Gpus:
    """`2xL40S`, `h200`, or, for a card that the table lacks, `2x48GiB`."""
    match = _WRITTEN.fullmatch(written.strip())
    number, name = (match[1], match[2].strip().lower()) if match else (None, "")
    if number is not None and not 1 <= int(number) <= MOST:
        raise ModelError(f"{written}: give 1 to {MOST} GPUs, as in 2xL40S.")
    return Gpus(_sized(name) or _named(name), int(number or 1))


def _sized(name: str) -> Gpu | None:
    match = _SIZE.fullmatch(name)
    if match is None:
        return None
    size = round(float(match[1]) * GIB)
    return Gpu(name=f"{match[1]} GiB", total=size, free=size)


def _named(name: str) -> Gpu:
    table = known()
    name = name.replace(" ", "-").replace("_", "-").removeprefix("nvidia-")
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name, table, n=3, cutoff=0)
    raise ModelError(
        f"No GPU is known as {name!r}; the nearest are {', '.join(near)}. "
        "Give one of these, or the memory of yours, as in 2x48GiB."
    )
