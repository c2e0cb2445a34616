from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest

from appliance.gpus import FIGURES, Fault, Sample
from appliance.gpus.nvml import Nvml, find
from tests.unit.appliance.gpus.library import FULL, GIB, Library


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    for pid, program in ((11, "VLLM::EngineCor"), (12, "VLLM::EngineCor")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "comm").write_text(f"{program}\n")
    return tmp_path


def test_a_card_that_tells_everything(processes: Path):
    (device,) = Nvml(Library(FULL), processes).read()
    assert (device.index, device.uuid, device.name, device.compute) == (0, "GPU-1", "NVIDIA H200", 9.0)
    assert (device.total, device.free) == (140 * GIB, 100 * GIB)
    assert {(each.figure, each.label): each.value for each in device.samples} == {
        ("memory_usage_bytes", ""): 40 * GIB,
        ("memory_limit_bytes", ""): 140 * GIB,
        ("utilization_ratio", ""): 0.87,
        ("memory_busy_ratio", ""): 0.31,
        ("temperature_celsius", ""): 61,
        ("temperature_margin_celsius", ""): 26,
        ("power_watts", ""): 512.5,
        ("power_limit_watts", ""): 700,
        ("energy_joules", ""): 9,
        ("pcie_replays", ""): 0,
        ("pcie_bytes_per_second", "transmit"): 10 * 1024,
        ("pcie_bytes_per_second", "receive"): 11 * 1024,
        ("clock_hertz", "sm"): 1.98e9,
        ("clock_hertz", "memory"): 3.201e9,
        ("slowed_down", "power_cap"): 1,
        ("slowed_down", "hardware"): 0,
        ("slowed_down", "heat_software"): 0,
        ("slowed_down", "heat_hardware"): 1,
        ("slowed_down", "power_brake"): 0,
        ("ecc_errors", "corrected"): 1,
        ("ecc_errors", "uncorrected"): 11,
        ("remapped_rows", "corrected"): 2,
        ("remapped_rows", "uncorrected"): 1,
        ("remapping_pending", ""): 1,
        ("remapping_failed", ""): 0,
        ("recovery_action", "gpu_reset"): 1,
        ("nvlinks", "up"): 2,
        ("nvlinks", "down"): 1,
        ("nvlink_bytes", "transmit"): 3 * 1024,
        ("nvlink_bytes", "receive"): 5 * 1024,
        ("nvlink_errors", "replay"): 7,
        ("process_memory_bytes", "VLLM::EngineCor"): 4 * GIB,
        ("process_memory_bytes", "unknown"): 5,
    }


def test_it_tells_of_every_figure_but_faults(processes: Path):
    (device,) = Nvml(Library(FULL), processes).read()
    assert {each.figure for each in device.samples} == {figure.name for figure in FIGURES} - {"xid_errors"}


@pytest.mark.parametrize("name", FULL)
def test_what_a_card_does_not_tell_is_absent_and_the_rest_is_there(name: str, processes: Path):
    full, less = (
        Nvml(Library(answers), processes).read()[0]
        for answers in (FULL, {key: value for key, value in FULL.items() if key != name})
    )
    assert set(less.samples) <= set(full.samples)
    assert less != full


def test_a_card_that_tells_nothing_has_no_figures():
    (device,) = Nvml(Library({})).read()
    assert (device.samples, device.total, device.compute) == ((), None, None)


def test_a_card_that_is_lost_does_not_hide_the_others(processes: Path):
    class OneLost(Library):
        def __getattr__(self, name: str):
            if name == "nvmlDeviceGetHandleByIndex":
                return self.handle
            return super().__getattr__(name)

        def handle(self, index: int) -> SimpleNamespace:
            if index == 1:
                raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
            return SimpleNamespace()

    assert [device.index for device in Nvml(OneLost(FULL, gpus=3), processes).read()] == [0, 2]


def test_an_old_driver_tells_of_memory_without_what_it_keeps():
    def memory(version: int | None = None) -> SimpleNamespace:
        if version is not None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_FUNCTION_NOT_FOUND)
        return SimpleNamespace(total=80, used=30, free=50)

    (device,) = Nvml(Library({"DeviceGetMemoryInfo": memory})).read()
    assert device.samples == (Sample("memory_usage_bytes", 30), Sample("memory_limit_bytes", 80))


def test_counting_measures_nothing(processes: Path):
    library = Library(FULL)
    (device,) = Nvml(library, processes).count()
    assert (device.samples, device.free) == ((), 100 * GIB)
    assert "DeviceGetPcieThroughput" not in library.asked


def event(kind: int, code: int) -> SimpleNamespace:
    return SimpleNamespace(device=SimpleNamespace(), eventType=kind, eventData=code)


def test_a_fault_is_told_with_its_code():
    answers = {"EventSetWait_v2": event(pynvml.nvmlEventTypeXidCriticalError, 79), "DeviceRegisterEvents": None}
    assert Nvml(Library({**answers, "DeviceGetIndex": 0})).wait(1) == Fault(0, 79)
    assert Nvml(Library(answers)).wait(1) == Fault(None, 79)


def test_what_is_no_fault_is_none():
    over = pynvml.NVMLError(pynvml.NVML_ERROR_TIMEOUT)
    for answer in (over, event(pynvml.nvmlEventTypePState, 0)):
        assert Nvml(Library({"EventSetWait_v2": answer, "DeviceRegisterEvents": None})).wait(1) is None


def test_the_gpus_are_listened_to_once():
    library = Library({"EventSetWait_v2": pynvml.NVMLError(pynvml.NVML_ERROR_TIMEOUT)}, gpus=2)
    nvml = Nvml(library)
    nvml.wait(0)
    nvml.wait(0)
    nvml.close()
    assert library.asked.count("DeviceRegisterEvents") == 2
    assert library.asked.count("EventSetCreate") == library.asked.count("EventSetFree") == 1
    assert library.asked[-1] == "Shutdown"


def test_without_a_driver_nothing_is_loaded(tmp_path: Path):
    assert find([tmp_path / "version"]) is None
