"""What we read through NVML, against what nvidia-smi says at about the same time."""

import csv
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from appliance.gpus import Device, nvml
from tests.gpu.rig import Rig

MIB = 1 << 20


class Figure(NamedTuple):
    asked: str
    """Of nvidia-smi."""
    name: str
    label: str = ""
    scale: float = 1.0
    relative: float = 0.0
    absolute: float = 0.0


FIGURES = (
    Figure("memory.used", "memory_usage_bytes", scale=MIB, relative=0.02, absolute=64 * MIB),
    Figure("temperature.gpu", "temperature_celsius", absolute=4),
    Figure("power.draw.instant", "power_watts", relative=0.3, absolute=15),
    Figure("enforced.power.limit", "power_limit_watts", relative=0.01),
    Figure("clocks.mem", "clock_hertz", "memory", scale=1e6, relative=0.02),
    Figure("ecc.errors.corrected.aggregate.total", "ecc_errors", "corrected"),
    Figure("ecc.errors.uncorrected.aggregate.total", "ecc_errors", "uncorrected"),
    Figure("remapped_rows.correctable", "remapped_rows", "corrected"),
    Figure("remapped_rows.uncorrectable", "remapped_rows", "uncorrected"),
)
PLAIN = ("index", "uuid", "name", "compute_cap", "memory.total", "memory.reserved")


@pytest.fixture
def said(rig: Rig) -> list[Mapping[str, str]]:
    if not rig.is_gpu:
        pytest.skip("there is no GPU that could be read")
    return ask(*PLAIN, *(figure.asked for figure in FIGURES))


@pytest.fixture
def read(said: list[Mapping[str, str]]) -> list[Device]:
    source = nvml.find()
    assert source is not None
    try:
        return list(source.read())
    finally:
        source.close()


def ask(*questions: str) -> list[Mapping[str, str]]:
    command = ["nvidia-smi", f"--query-gpu={','.join(questions)}", "--format=csv,noheader,nounits"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return answers(done.stdout, questions)


def answers(text: str, questions: tuple[str, ...]) -> list[Mapping[str, str]]:
    """A card's answers by what was asked; what it does not tell is left out."""
    rows = csv.reader(text.splitlines(), skipinitialspace=True)
    named = (zip(questions, row, strict=True) for row in rows)
    return [{question: value for question, value in row if not value.startswith("[")} for row in named]


def test_what_nvidia_smi_says_is_taken_apart() -> None:
    text = "0, GPU-1, NVIDIA L4, 31\n1, GPU-2, NVIDIA L4, [N/A]\n"
    first, second = answers(text, ("index", "uuid", "name", "temperature.gpu"))
    assert first == {"index": "0", "uuid": "GPU-1", "name": "NVIDIA L4", "temperature.gpu": "31"}
    assert "temperature.gpu" not in second


def test_they_are_the_same_cards(said: list[Mapping[str, str]], read: list[Device]) -> None:
    assert [(str(each.index), each.uuid, each.name) for each in read] == [
        (each["index"], each["uuid"], each["name"]) for each in said
    ]
    for device, row in zip(read, said, strict=True):
        assert device.total == pytest.approx(
            (float(row["memory.total"]) - float(row["memory.reserved"])) * MIB, abs=2 * MIB
        )
        assert str(device.compute) == row["compute_cap"]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.asked)
def test_each_figure_is_what_nvidia_smi_says(figure: Figure, said: list[Mapping[str, str]], read: list[Device]) -> None:
    for device, row in zip(read, said, strict=True):
        ours = [each.value for each in device.samples if (each.figure, each.label) == (figure.name, figure.label)]
        if figure.asked not in row:
            assert ours == [], "absent, never zero"
            continue
        theirs = float(row[figure.asked]) * figure.scale
        assert ours == [pytest.approx(theirs, rel=figure.relative, abs=figure.absolute)]
