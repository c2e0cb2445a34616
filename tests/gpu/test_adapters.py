"""Adapters on a GPU: its kernels for them, and the room that their slots take."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec import structs

from appliance.settings import EngineSettings
from inference.vllm import Vllm
from inference.wire import Address
from models.adapter import Room, bring
from tests.gpu.rig import CLOSE, Rig, Server, serving
from tests.integration.inference.asking import whole
from tests.peers import lora
from tests.peers.cache import Tell

SLOTS, RANK = 4, 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def server(rig: Rig, folder: Path, tell: Tell) -> Iterator[Server]:
    case = rig.launch.case
    wish = structs.replace(case.wish, adapter_slots=SLOTS, adapter_rank=RANK)
    launch = structs.replace(rig.launch, case=structs.replace(case, wish=wish), answers_at=folder / "vllm.sock")
    with serving(rig, launch, folder / "vllm.log", tell) as running:
        yield running


@pytest_asyncio.fixture
async def engine(server: Server) -> AsyncIterator[Vllm]:
    settings = EngineSettings(name="gpu", kind="vllm", key=server.launch.key)
    opened = Vllm(settings, Address("engine", socket=str(server.launch.answers_at)), "gpu")
    yield opened
    await opened.close()


async def text(engine: Vllm, model: str) -> str:
    asked = {"prompt": "on and on", "max_tokens": 24, "temperature": 0, "ignore_eos": True}
    answer = await whole(engine, "completions", model, asked)
    return str(answer["choices"][0]["text"])


def test_with_slots_the_cache_holds_what_the_fit_says(rig: Rig, server: Server) -> None:
    assert server.cache_tokens == pytest.approx(rig.cache_tokens(server.launch), rel=CLOSE)


async def test_each_adapter_answers_for_itself(server: Server, engine: Vllm, folder: Path) -> None:
    model = server.launch.case.model
    base = await text(engine, model.name)
    for number in range(SLOTS):
        made = lora.make(folder / f"made-{number}", model.architecture, seed=number)
        await engine.load_adapter(f"taught-{number}", bring(made, Room(model, RANK), folder / "kept").folder)
    answers = [await text(engine, f"taught-{number}") for number in range(SLOTS)]
    assert await text(engine, model.name) == base
    assert len({base, *answers}) == SLOTS + 1
    assert [await text(engine, f"taught-{number}") for number in range(SLOTS)] == answers
