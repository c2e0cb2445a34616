"""What is known of the GPUs of this machine. What a card or its driver does not tell is absent, never zero."""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

Kind = Literal["gauge", "counter"]


class Figure(Struct, frozen=True):
    """A series of each GPU; with `label`, one for each of its values."""

    name: str
    kind: Kind
    text: str
    label: str = ""


FIGURES = (
    Figure("utilization_ratio", "gauge", "Share of the last moment in which a kernel ran, 0 to 1."),
    Figure("memory_usage_bytes", "gauge", "Memory in use."),
    Figure("memory_limit_bytes", "gauge", "Memory that programs can use."),
    Figure("memory_busy_ratio", "gauge", "Share of the last moment in which memory was read or written, 0 to 1."),
    Figure("process_memory_bytes", "gauge", "Memory in use, by program.", "program"),
    Figure("temperature_celsius", "gauge", "Temperature of the chip."),
    Figure("temperature_margin_celsius", "gauge", "Degrees that are left before the card slows itself down."),
    Figure("power_watts", "gauge", "Power that the card draws."),
    Figure("power_limit_watts", "gauge", "Power that it may draw."),
    Figure("energy_joules", "counter", "Energy used since the driver was loaded."),
    Figure("clock_hertz", "gauge", "Clock now: of the processors (sm), of the memory.", "clock"),
    Figure("slowed_down", "gauge", "1 while the clocks are held down, by reason.", "reason"),
    Figure("ecc_errors", "counter", "Memory errors in the life of the card: corrected, uncorrected.", "severity"),
    Figure("remapped_rows", "gauge", "Rows of memory that spare ones stand in for, by what was wrong.", "severity"),
    Figure("remapping_pending", "gauge", "1 when a row waits to be remapped: reset the GPU."),
    Figure("remapping_failed", "gauge", "1 when no spare row was left: replace the card."),
    Figure("pcie_bytes_per_second", "gauge", "Traffic with the machine.", "direction"),
    Figure("pcie_replays", "counter", "Packets that PCIe had to send again."),
    Figure("nvlinks", "gauge", "Links to other GPUs, by state: up, down.", "state"),
    Figure("nvlink_bytes", "counter", "Data over all NVLinks.", "direction"),
    Figure("nvlink_errors", "counter", "Errors of all NVLinks, by kind.", "kind"),
    Figure("recovery_action", "gauge", "1 for what the driver wants done, such as gpu_reset, or none.", "action"),
    Figure("xid_errors", "counter", "Faults that the driver reported since the start, by NVIDIA's XID code.", "xid"),
)


class Sample(Struct, frozen=True, array_like=True):
    figure: str
    value: float
    label: str = ""


class Device(Struct, frozen=True, kw_only=True):
    """A GPU as it is now."""

    index: int
    """By its place on the bus, as in nvidia-smi."""
    uuid: str
    name: str
    compute: float | None = None
    """Compute capability, such as 8.9."""
    total: int | None = None
    """Bytes that programs can use."""
    free: int | None = None
    samples: tuple[Sample, ...] = ()


class Fault(Struct, frozen=True, array_like=True):
    """An XID event: 79 is a GPU that fell off the bus, 48 a double-bit memory error, 13 a program's own fault."""

    index: int | None
    """None: it can no longer be asked which one it is."""
    xid: int


class Source(Protocol):
    """The GPUs of this machine. Each call may take as long as the driver does."""

    def read(self) -> Sequence[Device]: ...

    def wait(self, seconds: float) -> Fault | None:
        """The next fault, waiting no longer than this. None may come early."""
        ...

    def close(self) -> None: ...
