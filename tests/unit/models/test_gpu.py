import pytest

from appliance.errors import ModelError
from appliance.gpus import Device
from models.gpu import GIB, UNKNOWN_COMPUTE, known, of_this_machine, parse
from models.memory import default_load


@pytest.mark.parametrize(
    ("written", "number", "name", "gib"),
    [
        ("2xL40S", 2, "L40S", 44.4),
        ("h200", 1, "H200", 139.8),
        ("8 x NVIDIA H100", 8, "H100", 79.18),
        ("a100_80", 1, "A100-80", 79.25),
        ("rtx 4090", 1, "RTX-4090", 23.53),
        ("2x48GiB", 2, "48 GiB", 48),
        ("16gb", 1, "16 GiB", 16),
    ],
)
def test_gpus_are_named_or_sized(written: str, number: int, name: str, gib: float):
    gpus = parse(written)
    assert (gpus.number, gpus.kind.name) == (number, name)
    assert gpus.kind.total == gpus.kind.free == round(gib * GIB)
    assert str(gpus) == f"{number} x {name}"


@pytest.mark.parametrize("written", ["2xl40x", "voodoo", "2x", "x", ""])
def test_an_unknown_gpu_is_answered_with_the_nearest(written: str):
    with pytest.raises(ModelError, match=r"the nearest are .*, .*2x48GiB"):
        parse(written)


@pytest.mark.parametrize("written", ["0xl40s", "1025xl40s"])
def test_there_are_one_to_a_thousand(written: str):
    with pytest.raises(ModelError, match="give 1 to 1024 GPUs"):
        parse(written)


def test_the_table_is_plausible():
    for name, gpu in known().items():
        assert name == name.lower()
        assert 14 * GIB < gpu.total < 300 * GIB
        assert 200e9 < gpu.bandwidth < 9e12
        assert 7.5 <= gpu.compute <= 13


def device(index: int, name: str, total: float, free: float, compute: float | None = 8.9) -> Device:
    return Device(
        index=index, uuid=str(index), name=name, compute=compute, total=round(total * GIB), free=round(free * GIB)
    )


def test_the_gpus_of_this_machine_count_with_what_the_fullest_has_free():
    found = [device(0, "NVIDIA L40S", 44.4, 44), device(1, "NVIDIA L40S", 44.4, 30)]
    gpus = of_this_machine(found)
    assert str(gpus) == "2 x L40S"
    assert (gpus.kind.total, gpus.kind.free, gpus.kind.compute) == (round(44.4 * GIB), 30 * GIB, 8.9)


def test_of_several_kinds_the_one_with_the_most_memory_counts():
    found = [
        device(0, "Tesla T4", 14.6, 14),
        device(1, "NVIDIA A100-SXM4-80GB", 79, 78),
        device(2, "Tesla T4", 14.6, 14),
    ]
    gpus = of_this_machine(found)
    assert str(gpus) == "1 x A100-SXM4-80GB"
    assert default_load(gpus.kind).batched_tokens == 2048


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("NVIDIA H200", "h200"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("NVIDIA H100 NVL", "h100-nvl"),
        ("NVIDIA A100-SXM4-40GB", "a100-40"),
        ("NVIDIA A100 80GB PCIe", "a100-80"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada"),
        ("NVIDIA L4", "l4"),
        ("Tesla T4", "t4"),
    ],
)
def test_the_table_knows_the_bandwidth_of_a_measured_card(name: str, entry: str):
    assert of_this_machine([device(0, name, 80, 80)]).kind.bandwidth == known()[entry].bandwidth


def test_an_unknown_card_has_no_bandwidth_and_needs_none():
    gpu = of_this_machine([device(0, "NVIDIA Voodoo 5", 64, 64, compute=None)]).kind
    assert (gpu.bandwidth, gpu.compute) == (0, UNKNOWN_COMPUTE)


@pytest.mark.parametrize("devices", [[], [Device(index=0, uuid="", name="NVIDIA GB10")]])
def test_a_machine_that_tells_of_no_memory_says_what_to_give(devices: list[Device]):
    with pytest.raises(ModelError, match=r"No NVIDIA driver.*--gpus 2xL40S"):
        of_this_machine(devices)
