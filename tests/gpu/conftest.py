"""Tests that need an NVIDIA GPU and vLLM for it: `pytest tests/gpu --vllm '/opt/vllm/bin/vllm serve'`.

`pytest tests/gpu --as-if` runs what can be run of them on the CPU, so that they are code that works.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.gpus import nvml
from tests.acceptance.conftest import build, shelf  # noqa: F401  # fixtures
from tests.gpu.rig import Rig, Server, on_cpu, on_gpu, serving
from tests.peers.cache import Tell
from tests.peers.missing import PeerMissing

VLLM = "vllm serve"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--as-if", action="store_true", help="tests/gpu: run on the CPU what can be run there")
    parser.addoption("--vllm", default=VLLM, help="tests/gpu: what starts vLLM for GPUs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("gpu")
            item.add_marker(pytest.mark.timeout(1800))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Here, not in the fixture: so pytest says it in one line for all of them. Also in CI, which promises no GPU."""
    if "rig" in getattr(item, "fixturenames", ()) and not (nvml.devices() or is_as_if(item.config)):
        pytest.skip("no NVIDIA GPU here")


def is_as_if(config: pytest.Config) -> bool:
    return bool(config.getoption("--as-if", default=False))


@pytest.fixture(scope="session")
def rig(request: pytest.FixtureRequest, tell: Tell) -> Rig:
    try:
        return (
            on_cpu(tell) if is_as_if(request.config) else on_gpu(request.config.getoption("--vllm", default=VLLM), tell)
        )
    except PeerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def server(rig: Rig, tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Iterator[Server]:
    with serving(rig, rig.launch, tmp_path_factory.mktemp("gpu") / "vllm.log", tell) as running:
        yield running
