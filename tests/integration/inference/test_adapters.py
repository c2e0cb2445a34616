"""LoRA adapters on a real vLLM, launched as our supervisor launches it: on a socket, with slots, one from the start."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from msgspec import structs

from appliance.errors import ModelError, NotFound
from appliance.settings import EngineSettings
from inference.launch import Launch
from inference.vllm import Vllm
from inference.wire import Address
from models.adapter import Room, bring
from models.fit import Wish
from tests.integration.inference.asking import Json, whole
from tests.peers import lora, vllm
from tests.peers.cache import Tell
from tests.peers.vllm import VllmInstall

SLOTS, RANK = 2, 16
ALIAS = "support"
ROOM = Room(vllm.ROW, RANK)
ASK: Json = {"prompt": "The capital of France is", "max_tokens": 12, "temperature": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def launched(vllm_install: VllmInstall, folder: Path, tell: Tell) -> Iterator[Launch]:
    early = bring(lora.make(folder / "early", vllm.ROW.architecture, seed=1), ROOM, folder / "kept")
    case = structs.replace(vllm.CASE, wish=Wish(context=2048, adapter_slots=SLOTS, adapter_rank=RANK))
    given = structs.replace(
        vllm.launch(vllm_install, folder / "vllm.sock"),
        case=case,
        names=(vllm.MODEL, ALIAS),
        adapters={"early": early.folder},
    )
    with vllm.started(given, folder / "vllm.log", tell):
        yield given


@pytest_asyncio.fixture
async def engine(launched: Launch) -> AsyncIterator[Vllm]:
    settings = EngineSettings(name="chat", kind="vllm", key=launched.key)
    opened = Vllm(settings, Address("engine", socket=str(launched.answers_at)), "chat.1")
    yield opened
    await opened.close()


async def text(engine: Vllm, model: str) -> str:
    answer = await whole(engine, "completions", model, ASK)
    return str(answer["choices"][0]["text"])


async def post(launched: Launch, path: str, body: Json) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {launched.key}"} if launched.key else {}
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(launched.answers_at))) as session,
        session.post(f"http://engine{path}", json=body, headers=headers) as response,
    ):
        return response.status, await response.read()


async def names(engine: Vllm) -> set[str]:
    return {model.id for model in await engine.models()}


async def test_an_adapter_comes_answers_otherwise_and_goes(engine: Vllm, folder: Path) -> None:
    before = {name: await text(engine, name) for name in (vllm.MODEL, "early")}
    assert await names(engine) == {vllm.MODEL, ALIAS, "early"}
    late = bring(lora.make(folder / "late", vllm.ROW.architecture, rank=RANK, seed=2), ROOM, folder / "kept")
    await engine.load_adapter("late", late.folder)
    assert await names(engine) == {vllm.MODEL, ALIAS, "early", "late"}

    said = {name: await text(engine, name) for name in (vllm.MODEL, ALIAS, "early", "late")}
    assert said[vllm.MODEL] == said[ALIAS] == before[vllm.MODEL]
    assert said["early"] == before["early"]
    assert len({said[vllm.MODEL], said["early"], said["late"]}) == 3
    assert "Paris" in said[vllm.MODEL]

    await engine.unload_adapter("late")
    assert await names(engine) == {vllm.MODEL, ALIAS, "early"}
    with pytest.raises(NotFound, match="has no adapter 'late'"):
        await engine.unload_adapter("late")
    assert await text(engine, "early") == before["early"]


async def test_one_that_is_gone_is_no_model(engine: Vllm, launched: Launch) -> None:
    status, body = await post(launched, "/v1/completions", {"model": "late", **ASK})
    assert status == 404
    assert b"does not exist" in body


async def test_other_weights_of_the_same_name_answer_for_themselves(engine: Vllm, folder: Path) -> None:
    """The prefix of the prompt is known from the first ones; it must not be mixed with the others."""
    source, said = folder / "changing", []
    for seed in (3, 4, 3):
        lora.make(source, vllm.ROW.architecture, seed=seed)
        await engine.load_adapter("changing", bring(source, ROOM, folder / "kept").folder)
        said.append(await text(engine, "changing"))
        await engine.unload_adapter("changing")
    assert said[0] == said[2] != said[1]


async def test_what_vllm_refuses_is_told(engine: Vllm, folder: Path) -> None:
    with pytest.raises(ModelError, match=r"did not take the adapter 'early': .*already"):
        await engine.load_adapter("early", folder / "early")
    with pytest.raises(ModelError, match=rf"did not take the adapter '{ALIAS}': .*conflicts"):
        await engine.load_adapter(ALIAS, folder / "early")
    with pytest.raises(ModelError, match="'nowhere'"):
        await engine.load_adapter("nowhere", folder / "nowhere")
    large = lora.make(folder / "large", vllm.ROW.architecture, rank=RANK * 2)
    with pytest.raises(ModelError, match=r"cannot use the adapter 'large': .*rank 32"):
        await engine.load_adapter("large", large)
    assert (await engine.health()).ready


async def test_the_keyed_door_for_adapters_wants_the_key(launched: Launch) -> None:
    keyless = structs.replace(launched, key="")
    status, _ = await post(keyless, "/v1/load_lora_adapter", {"lora_name": "x", "lora_path": "/x"})
    assert status == 401


async def test_the_other_door_has_no_lock_and_so_there_is_no_port(launched: Launch) -> None:
    """When this fails, vLLM guards it too, and launch.py may open the doors on a port."""
    status, _ = await post(structs.replace(launched, key=""), "/adapters", {"name": "x", "src": "/x"})
    assert status not in (401, 403)
