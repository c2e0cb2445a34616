"""A GPU as the arithmetic of memory sees it: measured, or by name from our table."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from itertools import groupby

import msgspec
from msgspec import Struct

from appliance.errors import ModelError
from appliance.gpus import Device

GIB = 1 << 30
MOST = 1024
# What a card of a given size, and nothing else, is taken for.
UNKNOWN_COMPUTE = 9.0

_WRITTEN = re.compile(r"(?:(\d{1,4})\s*x\s*)?(.+)", re.IGNORECASE)
_BRANDS = re.compile(r"^(?:(?:nvidia|tesla|geforce|quadro)\s+)+", re.IGNORECASE)
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


def of_this_machine(devices: Iterable[Device]) -> Gpus:
    """What was measured. Of several kinds, the one with the most memory in all; each counts with what the fullest of
    them has free."""
    measured = [
        Gpu(
            name=_BRANDS.sub("", device.name),
            total=device.total,
            free=device.free,
            bandwidth=_bandwidth(device.name),
            compute=device.compute or UNKNOWN_COMPUTE,
        )
        for device in devices
        if device.total and device.free is not None
    ]
    if not measured:
        raise ModelError(
            "No NVIDIA driver here tells of a GPU. Say which GPUs you mean, as in `--gpus 2xL40S`, `--gpus h200` or "
            "`--gpus 2x48GiB`."
        )
    measured.sort(key=lambda gpu: gpu.name)
    kinds = [list(alike) for _, alike in groupby(measured, key=lambda gpu: gpu.name)]
    most = max(kinds, key=lambda alike: sum(gpu.total for gpu in alike))
    return Gpus(min(most, key=lambda gpu: gpu.free), len(most))


def _bandwidth(name: str) -> int:
    """Of the entry of our table with the most words that are all in the driver's name for the card."""
    words = {word.removesuffix("gb") for word in re.findall(r"[a-z0-9]+", name.lower())}
    matching = {entry: gpu for entry, gpu in known().items() if words.issuperset(entry.split("-"))}
    return matching[max(matching, key=lambda entry: len(entry.split("-")))].bandwidth if matching else 0


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
