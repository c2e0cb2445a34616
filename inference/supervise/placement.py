"""Which GPUs an engine gets. Pure.

A GPU is one engine's alone, but where the shares of those on it make no more than the whole. An engine on several GPUs
gets GPUs of one kind, and neighbours where it can: so NVLink and PCIe switches pair them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, structs

from appliance.gpus import Device
from models.gpu import GIB, Gpus

Way = Literal["beside", "in place"]
"""Of a swap: the new one starts while the old one serves, or once it has gone."""

# 0.7 + 0.2 + 0.1 is more than 1 to a computer.
CLOSE = 1e-9


class Want(Struct, frozen=True, kw_only=True):
    numbers: Mapping[str, int]
    """How many GPUs a copy takes, by their kind (`Device.name`). Kinds that do not hold it are missing."""
    share: float
    """Of the memory of each."""
    named: tuple[str, ...] = ()
    """Numbers or UUIDs of those that it must have, for as many copies as they hold; empty: what one copy takes."""


class Taken(Struct, frozen=True):
    """What one post holds, from before it starts until its process is gone."""

    by: str
    """The engine."""
    uuids: tuple[str, ...]
    share: float


class Machine(Struct, frozen=True):
    devices: tuple[Device, ...]
    aside: Mapping[str, str] = {}
    """By UUID: those that no engine gets, and why."""
    taken: tuple[Taken, ...] = ()

    def load(self, device: Device) -> float:
        return sum(each.share for each in self.taken if device.uuid in each.uuids)


class Place(Struct, frozen=True):
    devices: tuple[Device, ...]
    """All of one kind."""

    @property
    def uuids(self) -> tuple[str, ...]:
        """As CUDA_VISIBLE_DEVICES takes them. Numbers change when a card falls out."""
        return tuple(device.uuid for device in self.devices)


class NoPlace(Struct, frozen=True):
    reason: str
    """Of which the last sentence is the remedy."""


def described(card: Gpus) -> tuple[Device, ...]:
    """GPUs that no driver tells of, as the settings describe them."""
    kind = card.kind
    return tuple(
        Device(index=number, uuid=str(number), name=kind.name, compute=kind.compute) for number in range(card.number)
    )


def place(want: Want, machine: Machine) -> Place | NoPlace:
    if not machine.devices:
        return NoPlace(
            "No NVIDIA driver here tells of a GPU. Install the driver, or set `launch.card` to what there is."
        )
    return _named(want, machine) if want.named else _chosen(want, machine)


def swap(want: Want, machine: Machine, old: Taken) -> tuple[Way, Place] | NoPlace:
    """Where the new one goes; one that has died holds nothing that could be had in place."""
    beside = place(want, machine)
    if isinstance(beside, Place):
        return "beside", beside
    after = place(want, _without(machine, old))
    return ("in place", after) if isinstance(after, Place) else after


def _without(machine: Machine, old: Taken) -> Machine:
    """As it will be when that one has gone, and has given its memory back."""
    if old not in machine.taken:
        return machine
    rest = list(machine.taken)
    rest.remove(old)
    devices = tuple(_freed(device, old.share) if device.uuid in old.uuids else device for device in machine.devices)
    return Machine(devices, machine.aside, tuple(rest))


def _freed(device: Device, share: float) -> Device:
    if device.free is None or device.total is None:
        return device
    return structs.replace(device, free=min(device.total, device.free + round(share * device.total)))


def _named(want: Want, machine: Machine) -> Place | NoPlace:
    found = [_find(name, machine) for name in want.named]
    missing = [name for name, device in zip(want.named, found, strict=True) if device is None]
    if missing:
        numbers = ", ".join(str(device.index) for device in machine.devices)
        return NoPlace(f"There is no GPU {missing[0]}; there are {numbers}. Set `launch.gpus` to some of these.")
    devices = tuple(device for device in found if device is not None)
    if len({device.uuid for device in devices}) < len(devices):
        return NoPlace("`launch.gpus` names a GPU twice. Name each once.")
    kinds = sorted({device.name for device in devices})
    if len(kinds) > 1:
        return NoPlace(f"`launch.gpus` are of several kinds: {', '.join(kinds)}. Name GPUs of one kind.")
    number = want.numbers.get(kinds[0])
    if number is None:
        return NoPlace(f"It does not fit the {kinds[0]}. Look at `ringfence models fit` for what would.")
    if len(devices) % number:
        return NoPlace(
            f"It is laid over {number} x {kinds[0]}, and `launch.gpus` names {len(devices)}. "
            "Name that many, or a multiple for more copies."
        )
    hindrances = [hindrance for device in devices if (hindrance := _hindrance(want, device, machine))]
    return NoPlace(f"{_join(hindrances)}. {_REMEDY}") if hindrances else Place(devices)


_REMEDY = "Stop what is there, lower `launch.share` where two should go together, or choose other GPUs."


def _find(name: str, machine: Machine) -> Device | None:
    return next((device for device in machine.devices if name in (str(device.index), device.uuid)), None)


def _chosen(want: Want, machine: Machine) -> Place | NoPlace:
    """Of the kinds that have room, the one of which it takes the fewest, and then the smallest: larger GPUs stay free
    for models that need them."""
    for kind, number in sorted(want.numbers.items(), key=lambda each: (each[1], _size(each[0], machine), each[0])):
        free = [each for each in machine.devices if each.name == kind and not _hindrance(want, each, machine)]
        if len(free) >= number:
            return Place(_neighbours(free, number, machine))
    if not want.numbers:
        return NoPlace("It fits no GPU of this machine. Look at `ringfence models fit` for what would.")
    return NoPlace(f"{_lack(want, machine)}. {_REMEDY}")


def _size(kind: str, machine: Machine) -> int:
    return max((device.total or 0 for device in machine.devices if device.name == kind), default=0)


def _neighbours(free: Sequence[Device], number: int, machine: Machine) -> tuple[Device, ...]:
    """The emptiest that are enough; of these the closest together, beginning where a pair or a group does."""
    for most in sorted({machine.load(device) for device in free}):
        empty = sorted((each for each in free if machine.load(each) <= most), key=lambda each: each.index)
        rows = [tuple(empty[start : start + number]) for start in range(len(empty) - number + 1)]
        if rows:
            return min(rows, key=lambda row: (row[-1].index - row[0].index, row[0].index % number, row[0].index))
    raise AssertionError("the caller gives enough")


def _hindrance(want: Want, device: Device, machine: Machine) -> str:
    """Why it does not get this GPU; empty where nothing speaks against it."""
    if device.uuid in machine.aside:
        return f"GPU {device.index} is set aside"
    load = machine.load(device)
    if load + want.share > 1 + CLOSE:
        there = _join(f"{each.by} ({each.share:.0%})" for each in machine.taken if device.uuid in each.uuids)
        return f"GPU {device.index} is taken by {there}"
    # vLLM does not start where its share is not free, whoever holds the rest.
    if device.free is not None and device.total is not None and device.free < want.share * device.total:
        return (
            f"GPU {device.index} has {device.free / GIB:.1f} GiB free of the "
            f"{want.share * device.total / GIB:.1f} that it may take"
        )
    return ""


def _lack(want: Want, machine: Machine) -> str:
    needs = _join((f"{number} x {kind}" for kind, number in sorted(want.numbers.items())), " or ")
    hindrances = [
        hindrance
        for device in machine.devices
        if device.name in want.numbers and (hindrance := _hindrance(want, device, machine))
    ]
    there = _join(hindrances) if hindrances else "this machine has fewer"
    return f"It needs {needs}: {there}"


def _join(parts: Iterable[str], last: str = " and ") -> str:
    *first, final = parts
    return f"{', '.join(first)}{last}{final}" if first else final
