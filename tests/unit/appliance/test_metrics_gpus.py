import time
from pathlib import Path

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from appliance.gpus import FIGURES, Device, Fault, Sample
from appliance.gpus.nvml import Nvml
from appliance.gpus.watch import FILE, STALE_SECONDS, Snapshot
from appliance.metrics import render
from tests.unit.appliance.gpus.library import FULL, Library

FULL_CARD = Nvml(Library(FULL)).read()[0]


def rendered(folder: Path, *devices: Device, faults: tuple[tuple[Fault, int], ...] = (), age: float = 0.0) -> str:
    snapshot = Snapshot(time.monotonic() - age, devices, faults)
    (folder / FILE).write_bytes(msgspec.json.encode(snapshot))
    return render(str(folder)).decode()


def test_a_gpu_is_shown_with_all_its_figures(tmp_path: Path):
    text = rendered(tmp_path, FULL_CARD, faults=((Fault(0, 79), 2), (Fault(None, 48), 1)))
    for line in (
        'ringfence_gpu_info{gpu="0",name="NVIDIA H200",uuid="GPU-1"} 1.0',
        'ringfence_gpu_utilization_ratio{gpu="0"} 0.87',
        'ringfence_gpu_slowed_down{gpu="0",reason="power_cap"} 1.0',
        'ringfence_gpu_slowed_down{gpu="0",reason="hardware"} 0.0',
        'ringfence_gpu_ecc_errors_total{gpu="0",severity="uncorrected"} 11.0',
        'ringfence_gpu_xid_errors_total{gpu="0",xid="79"} 2.0',
        'ringfence_gpu_xid_errors_total{gpu="unknown",xid="48"} 1.0',
    ):
        assert line in text.splitlines()
    families = [family.name for family in text_string_to_metric_families(text)]
    assert set(families) == {f"ringfence_gpu_{figure.name}" for figure in FIGURES} | {"ringfence_gpu_info"}
    assert len(families) == len(set(families))


def test_gpus_stand_beside_each_other(tmp_path: Path):
    others = [Device(index=n, uuid=f"GPU-{n}", name="L4", samples=(Sample("power_watts", 60 + n),)) for n in range(2)]
    lines = rendered(tmp_path, *others).splitlines()
    assert [line for line in lines if line.startswith("ringfence_gpu_power_watts")] == [
        'ringfence_gpu_power_watts{gpu="0"} 60.0',
        'ringfence_gpu_power_watts{gpu="1"} 61.0',
    ]


def test_what_is_not_told_is_absent_and_never_zero(tmp_path: Path):
    text = rendered(tmp_path, Device(index=0, uuid="GPU-1", name="Quiet"))
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        'ringfence_gpu_info{gpu="0",name="Quiet",uuid="GPU-1"} 1.0'
    ]


def test_without_a_driver_nothing_is_said_of_gpus(tmp_path: Path):
    assert render(str(tmp_path)) == b""


def test_a_driver_that_no_longer_answers_takes_its_figures_along(tmp_path: Path):
    assert rendered(tmp_path, FULL_CARD, age=STALE_SECONDS + 1) == ""
