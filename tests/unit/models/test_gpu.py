from pathlib import Path

import pytest

from appliance.errors import ModelError
from models.gpu import GIB, known, of_this_machine, parse


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


def test_a_machine_without_a_driver_is_told_apart_from_one_with(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no NVIDIA driver.*--gpus 2xL40S"):
        of_this_machine(tmp_path / "version")
    (tmp_path / "version").touch()
    with pytest.raises(ModelError, match="are not read yet"):
        of_this_machine(tmp_path / "version")
