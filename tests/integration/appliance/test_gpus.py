"""NVML as it is on this machine: against nvidia-smi where there is a driver, and absent where there is none."""

import csv
import subprocess
from pathlib import Path

import pytest

from appliance.gpus import nvml
from appliance.gpus.nvml import DRIVERS, devices, find

ASKED = ("index", "uuid", "name", "memory.total", "memory.reserved", "temperature.gpu", "power.draw", "clocks.sm")
HAS_DRIVER = any(driver.exists() for driver in DRIVERS)


@pytest.mark.skipif(HAS_DRIVER, reason="this machine has an NVIDIA driver")
def test_a_driver_whose_library_is_missing_is_as_none(tmp_path: Path) -> None:
    version = tmp_path / "version"
    version.touch()
    assert find([version]) is None
    assert devices() == ()


@pytest.mark.skipif(not HAS_DRIVER, reason="this machine has no NVIDIA driver, so nvidia-smi is not compared")
def test_what_nvidia_smi_says_is_what_we_say() -> None:
    source = nvml.find()
    assert source is not None
    found = source.read()
    source.close()
    query = ["nvidia-smi", f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader,nounits"]
    rows = csv.reader(subprocess.run(query, capture_output=True, text=True, check=True, timeout=30).stdout.splitlines())
    for device, row in zip(found, rows, strict=True):
        said = dict(zip(ASKED, (each.strip() for each in row), strict=True))
        ours = {(sample.figure, sample.label): sample.value for sample in device.samples}
        assert (str(device.index), device.uuid, device.name) == (said["index"], said["uuid"], said["name"])
        usable = (int(said["memory.total"]) - int(said["memory.reserved"])) << 20
        assert device.total == pytest.approx(usable, abs=2 << 20)
        assert ours["temperature_celsius", ""] == pytest.approx(float(said["temperature.gpu"]), abs=5)
        assert ours["power_watts", ""] == pytest.approx(float(said["power.draw"]), rel=0.5)
        assert ours["clock_hertz", "sm"] == pytest.approx(float(said["clocks.sm"]) * 1e6, rel=0.5)
