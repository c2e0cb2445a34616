"""NVIDIA's GPUs through NVML, the library that comes with the driver."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from appliance.gpus.figures import Device, Fault, Sample

# What a driver shows of itself: on Linux, and on Linux below Windows.
DRIVERS = (Path("/proc/driver/nvidia/version"), Path("/dev/dxg"))
UNKNOWN_PROGRAM = "unknown"
ALL_LINKS = 0xFFFF_FFFF
# NVML's bits; the others are what an operator chose, or an idle card.
SLOWED_DOWN = {0x4: "power_cap", 0x8: "hardware", 0x20: "heat_software", 0x40: "heat_hardware", 0x80: "power_brake"}
ACTIONS = (
    "none", "gpu_reset", "node_reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain", "bus_reset",
    "system_reboot",
)  # fmt: skip
SEVERITIES = ("corrected", "uncorrected")


class Field(Struct, frozen=True):
    """A figure that NVML knows by number only."""

    number: str
    figure: str
    label: str
    scale: int = 1
    scope: int = 0


FIELDS = (
    Field("NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX", "nvlink_bytes", "transmit", 1024, ALL_LINKS),
    Field("NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX", "nvlink_bytes", "receive", 1024, ALL_LINKS),
    Field("NVML_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "nvlink_errors", "crc_flit"),
    Field("NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "nvlink_errors", "crc_data"),
    Field("NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "nvlink_errors", "replay"),
    Field("NVML_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "nvlink_errors", "recovery"),
)


def find(drivers: Sequence[Path] = DRIVERS) -> "Nvml | None":
    """None without a driver."""
    if not any(driver.exists() for driver in drivers):
        return None
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return Nvml(pynvml)


def devices() -> Sequence[Device]:
    """The GPUs with their memory, and nothing that takes time to measure; none without a driver."""
    found = find()
    if found is None:
        return ()
    try:
        return found.count()
    finally:
        found.close()


class Nvml:
    """`library` is the module `pynvml`, initialised."""

    def __init__(self, library: Any, processes: Path = Path("/proc")) -> None:
        self._library = library
        self._processes = processes
        self._events: Any = None

    def read(self) -> Sequence[Device]:
        return tuple(
            structs.replace(device, samples=tuple(self._samples(handle, device))) for handle, device in self._devices()
        )

    def count(self) -> Sequence[Device]:
        return tuple(device for _, device in self._devices())

    def wait(self, seconds: float) -> Fault | None:
        if self._events is None:
            self._events = self._ask(self._listen)
        if self._events is None:
            return None
        event = self._ask(self._library.nvmlEventSetWait_v2, self._events, int(seconds * 1000))
        if event is None or not event.eventType & self._library.nvmlEventTypeXidCriticalError:
            return None
        return Fault(self._ask(self._library.nvmlDeviceGetIndex, event.device), int(event.eventData))

    def close(self) -> None:
        if self._events is not None:
            self._ask(self._library.nvmlEventSetFree, self._events)
        self._ask(self._library.nvmlShutdown)

    def _ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """None for what this card, this driver or this account does not get told, and when a wait is over."""
        try:
            return question(*arguments)
        except self._library.NVMLError:
            return None

    def _listen(self) -> Any:
        nvml = self._library
        events = nvml.nvmlEventSetCreate()
        for handle, _ in self._devices():
            self._ask(nvml.nvmlDeviceRegisterEvents, handle, nvml.nvmlEventTypeXidCriticalError, events)
        return events

    def _devices(self) -> Iterator[tuple[Any, Device]]:
        nvml = self._library
        for index in range(self._ask(nvml.nvmlDeviceGetCount) or 0):
            handle = self._ask(nvml.nvmlDeviceGetHandleByIndex, index)
            if handle is None:
                continue
            capability = self._ask(nvml.nvmlDeviceGetCudaComputeCapability, handle)
            total, free = self._memory(handle)
            yield (
                handle,
                Device(
                    index=index,
                    uuid=self._ask(nvml.nvmlDeviceGetUUID, handle) or "",
                    name=self._ask(nvml.nvmlDeviceGetName, handle) or "GPU",
                    compute=float("{}.{}".format(*capability)) if capability else None,
                    total=total,
                    free=free,
                ),
            )

    def _memory(self, handle: Any) -> tuple[int | None, int | None]:
        """What programs can use, without what the driver keeps, and how much of it is free."""
        memory = self._ask(self._library.nvmlDeviceGetMemoryInfo, handle, self._library.nvmlMemory_v2)
        if memory is not None:
            return int(memory.total - memory.reserved), int(memory.free)
        memory = self._ask(self._library.nvmlDeviceGetMemoryInfo, handle)
        return (None, None) if memory is None else (int(memory.total), int(memory.free))

    def _samples(self, handle: Any, device: Device) -> Iterator[Sample]:
        if device.total is not None and device.free is not None:
            yield Sample("memory_usage_bytes", device.total - device.free)
            yield Sample("memory_limit_bytes", device.total)
        yield from self._load(handle)
        yield from self._single(handle)
        yield from self._clocks(handle)
        yield from self._errors(handle)
        yield from self._links(handle)
        yield from self._programs(handle)

    def _load(self, handle: Any) -> Iterator[Sample]:
        rates = self._ask(self._library.nvmlDeviceGetUtilizationRates, handle)
        if rates is not None:
            yield Sample("utilization_ratio", rates.gpu / 100)
            yield Sample("memory_busy_ratio", rates.memory / 100)

    def _single(self, handle: Any) -> Iterator[Sample]:
        nvml = self._library
        questions: tuple[tuple[str, float, Callable[..., Any], tuple[int, ...]], ...] = (
            ("temperature_celsius", 1, nvml.nvmlDeviceGetTemperature, (nvml.NVML_TEMPERATURE_GPU,)),
            ("temperature_margin_celsius", 1, nvml.nvmlDeviceGetMarginTemperature, ()),
            ("power_watts", 1e-3, nvml.nvmlDeviceGetPowerUsage, ()),
            ("power_limit_watts", 1e-3, nvml.nvmlDeviceGetEnforcedPowerLimit, ()),
            ("energy_joules", 1e-3, nvml.nvmlDeviceGetTotalEnergyConsumption, ()),
            ("pcie_replays", 1, nvml.nvmlDeviceGetPcieReplayCounter, ()),
        )
        for figure, scale, question, arguments in questions:
            value = self._ask(question, handle, *arguments)
            if value is not None:
                yield Sample(figure, value * scale)
        for label, counter in (("transmit", nvml.NVML_PCIE_UTIL_TX_BYTES), ("receive", nvml.NVML_PCIE_UTIL_RX_BYTES)):
            value = self._ask(nvml.nvmlDeviceGetPcieThroughput, handle, counter)
            if value is not None:
                yield Sample("pcie_bytes_per_second", value * 1024, label)

    def _clocks(self, handle: Any) -> Iterator[Sample]:
        nvml = self._library
        for label, clock in (("sm", nvml.NVML_CLOCK_SM), ("memory", nvml.NVML_CLOCK_MEM)):
            megahertz = self._ask(nvml.nvmlDeviceGetClockInfo, handle, clock)
            if megahertz is not None:
                yield Sample("clock_hertz", megahertz * 1e6, label)
        reasons = self._ask(nvml.nvmlDeviceGetCurrentClocksEventReasons, handle)
        if reasons is not None:
            for bit, reason in SLOWED_DOWN.items():
                yield Sample("slowed_down", float(bool(reasons & bit)), reason)

    def _errors(self, handle: Any) -> Iterator[Sample]:
        nvml = self._library
        for severity, kind in zip(
            SEVERITIES, (nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED), strict=True
        ):
            number = self._ask(nvml.nvmlDeviceGetTotalEccErrors, handle, kind, nvml.NVML_AGGREGATE_ECC)
            if number is not None:
                yield Sample("ecc_errors", number, severity)
        rows = self._ask(nvml.nvmlDeviceGetRemappedRows, handle)
        if rows is not None:
            corrected, uncorrected, pending, failed = rows
            yield Sample("remapped_rows", corrected, SEVERITIES[0])
            yield Sample("remapped_rows", uncorrected, SEVERITIES[1])
            yield Sample("remapping_pending", float(bool(pending)))
            yield Sample("remapping_failed", float(bool(failed)))
        for action in self._fields(handle, [(nvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, 0)]):
            if action is not None and int(action) < len(ACTIONS):
                yield Sample("recovery_action", 1, ACTIONS[int(action)])

    def _links(self, handle: Any) -> Iterator[Sample]:
        nvml = self._library
        states = [self._ask(nvml.nvmlDeviceGetNvLinkState, handle, link) for link in range(nvml.NVML_NVLINK_MAX_LINKS)]
        known = [bool(state) for state in states if state is not None]
        if not known:
            return
        yield Sample("nvlinks", known.count(True), "up")
        yield Sample("nvlinks", known.count(False), "down")
        values = self._fields(handle, [(getattr(nvml, field.number), field.scope) for field in FIELDS])
        for field, value in zip(FIELDS, values, strict=False):
            if value is not None:
                yield Sample(field.figure, value * field.scale, field.label)

    def _fields(self, handle: Any, wanted: list[tuple[int, int]]) -> Iterator[float | None]:
        nvml = self._library
        members = {
            nvml.NVML_VALUE_TYPE_DOUBLE: "dVal",
            nvml.NVML_VALUE_TYPE_UNSIGNED_INT: "uiVal",
            nvml.NVML_VALUE_TYPE_UNSIGNED_LONG: "ulVal",
            nvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG: "ullVal",
            nvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG: "sllVal",
            nvml.NVML_VALUE_TYPE_SIGNED_INT: "siVal",
            nvml.NVML_VALUE_TYPE_UNSIGNED_SHORT: "usVal",
        }
        for each in self._ask(nvml.nvmlDeviceGetFieldValues, handle, wanted) or ():
            is_told = each.nvmlReturn == nvml.NVML_SUCCESS and each.valueType in members
            yield getattr(each.value, members[each.valueType]) if is_told else None

    def _programs(self, handle: Any) -> Iterator[Sample]:
        taken: dict[str, int] = {}
        for process in self._ask(self._library.nvmlDeviceGetComputeRunningProcesses_v3, handle) or ():
            if process.usedGpuMemory is not None:
                program = self._program(process.pid)
                taken[program] = taken.get(program, 0) + int(process.usedGpuMemory)
        for program, memory in taken.items():
            yield Sample("process_memory_bytes", memory, program)

    def _program(self, process: int) -> str:
        try:
            return (self._processes / str(process) / "comm").read_text(errors="replace").strip()
        except OSError:  # it has ended, or runs in another container
            return UNKNOWN_PROGRAM
