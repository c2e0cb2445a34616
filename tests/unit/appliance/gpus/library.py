"""`pynvml` over a driver that is not there: its own constants, structures and errors, and answers of a test's."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pynvml

GIB = 1 << 30


class Library:
    """What `answers` does not name is not supported, as NVML says it. An answer is a value, or a function of the
    arguments behind the handle, which is the index."""

    def __init__(self, answers: Mapping[str, Any], gpus: int = 1) -> None:
        self._answers = {
            "DeviceGetCount": gpus,
            "DeviceGetHandleByIndex": SimpleNamespace,
            "EventSetCreate": "events",
            **answers,
        }
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(pynvml, name)
        return self._question(name.removeprefix("nvml")) if callable(real) and name.startswith("nvml") else real

    def _question(self, name: str) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            self.asked.append(name)
            answer = self._answers.get(name)
            if name not in self._answers:
                raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
            if isinstance(answer, Exception):
                raise answer
            return answer(*arguments[1:]) if callable(answer) else answer

        return ask


def field(value: int, told: int = pynvml.NVML_SUCCESS) -> pynvml.c_nvmlFieldValue_t:
    found = pynvml.c_nvmlFieldValue_t(valueType=pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG, nvmlReturn=told)
    found.value.ullVal = value
    return found


def process(pid: int, memory: int | None) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=memory)


FIELDS = {
    pynvml.NVML_FI_DEV_GET_GPU_RECOVERY_ACTION: field(1),
    pynvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX: field(3),
    pynvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX: field(5),
    pynvml.NVML_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL: field(7),
}
UNTOLD = field(9, pynvml.NVML_ERROR_NOT_SUPPORTED)


def clock(kind: int) -> int:
    return {pynvml.NVML_CLOCK_SM: 1980, pynvml.NVML_CLOCK_MEM: 3201}[kind]


def links(link: int) -> int:
    if link > 2:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_INVALID_ARGUMENT)
    return int(link < 2)


# A card that tells everything.
FULL: Mapping[str, Any] = {
    "DeviceGetUUID": "GPU-1",
    "DeviceGetName": "NVIDIA H200",
    "DeviceGetCudaComputeCapability": (9, 0),
    "DeviceGetMemoryInfo": lambda version: SimpleNamespace(
        total=141 * GIB, reserved=GIB, used=40 * GIB, free=100 * GIB
    ),
    "DeviceGetUtilizationRates": SimpleNamespace(gpu=87, memory=31),
    "DeviceGetTemperature": lambda sensor: 61,
    "DeviceGetMarginTemperature": 26,
    "DeviceGetPowerUsage": 512_500,
    "DeviceGetEnforcedPowerLimit": 700_000,
    "DeviceGetTotalEnergyConsumption": 9_000,
    "DeviceGetPcieReplayCounter": 0,
    "DeviceGetPcieThroughput": lambda counter: 10 + counter,
    "DeviceGetClockInfo": clock,
    "DeviceGetCurrentClocksEventReasons": 0x1 | 0x4 | 0x40,
    "DeviceGetTotalEccErrors": lambda severity, counter: 10 * severity + counter,
    "DeviceGetRemappedRows": (2, 1, 1, 0),
    "DeviceGetNvLinkState": links,
    "DeviceGetFieldValues": lambda wanted: [FIELDS.get(number, UNTOLD) for number, _ in wanted],
    "DeviceGetComputeRunningProcesses_v3": [process(11, 3 * GIB), process(12, GIB), process(13, 5), process(14, None)],
}
