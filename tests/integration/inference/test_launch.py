"""Our flags against the real `vllm serve` of the pinned version. That it starts under them, every other test with a
vLLM shows: the peer is launched so."""

import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec import structs

from inference.command import Command
from inference.launch import NO_HOST, Launch, command
from models.fit import Case, Wish
from models.gpu import parse
from models.memory import Split
from models.shelf import shelf
from tests.peers import vllm
from tests.peers.cache import Tell
from tests.peers.missing import skipping_when_missing
from tests.peers.vllm import VllmInstall, VllmServer
from tests.unit.inference.launches import launch

ADAPTERS = {"billing": Path("/srv/adapters/a=b, c"), "faults": Path("/srv/adapters/faults")}
REJECTED = re.compile(r'^vllm:admission_rejections_total\{.*reason="max_num_queued_reqs".*\} [1-9]', re.MULTILINE)


@pytest.fixture(scope="module")
def launches() -> dict[str, Launch]:
    """Every row of the shelf, and one launch that uses what no row needs."""
    found = {model.name: launch(model) for model in shelf().values()}
    first = found["llama-3.1-8b-instruct"]
    wide = Case(first.case.model, first.case.build, parse("8xl40s"), Split(2, 2), Wish(cache_bytes=1))
    taught = structs.replace(first.case, wish=Wish(utilization=0.45, adapter_slots=3, adapter_rank=64))
    return found | {
        "wide": structs.replace(
            first, case=wide, devices=tuple("01234567"), answers_at=8001, more=("--max-model-len", "4096")
        ),
        "taught": structs.replace(first, case=taught, devices=("0", "1"), names=("chat", "support"), adapters=ADAPTERS),
    }


@pytest.fixture(scope="module")
def understood(vllm_install: VllmInstall, launches: dict[str, Launch], tell: Tell) -> dict[str, dict[str, Any]]:
    commands: list[Command] = [command(each) for each in launches.values()]
    with skipping_when_missing():
        found = vllm.understand(vllm_install, commands, tell)
    assert [each["unknown"] for each in found] == [[]] * len(launches)
    return {name: each["understood"] for name, each in zip(launches, found, strict=True)}


def test_vllm_knows_each_flag_and_reads_it_as_it_is_meant(
    launches: dict[str, Launch], understood: dict[str, dict[str, Any]]
) -> None:
    for name, given in understood.items():
        meant = launches[name]
        model = meant.case.model
        assert given["model_tag"] == str(meant.weights)
        assert given["served_model_name"] == list(meant.names or (model.name,))
        assert given["max_num_seqs"] == meant.case.load.sequences
        assert given["gpu_memory_utilization"] == meant.case.load.utilization
        assert given["max_num_batched_tokens"] >= meant.case.load.batched_tokens
        assert given["max_num_queued_reqs"] > given["max_num_seqs"]
        assert given["shutdown_timeout"] == 30
        assert (given["tool_call_parser"] or "") == model.tool_parser
        assert given["enable_auto_tool_choice"] == bool(model.tool_parser)
        assert given["tokenizer_mode"] == (model.tokenizer_mode or "auto")
        assert given["hf_overrides"] == (json.loads(model.overrides) if model.overrides else {})
        assert given["override_generation_config"] == (structs.asdict(model.sampling) if model.sampling else {})


def test_vllm_says_and_opens_no_more_than_it_must(understood: dict[str, dict[str, Any]]) -> None:
    for given in understood.values():
        assert given["uds"] or given["host"] == "127.0.0.1"
        assert given["api_key"] is None
        assert given["allowed_media_domains"] == [NO_HOST]
        assert given["disable_fastapi_docs"]
        assert not given["enable_log_requests"]
        assert not given["disable_log_stats"]
        assert not given["trust_remote_code"]
        assert not given["enable_sleep_mode"]


def test_parts_copies_and_an_operators_own_flags_are_read(understood: dict[str, dict[str, Any]]) -> None:
    given = understood["wide"]
    assert (given["tensor_parallel_size"], given["pipeline_parallel_size"], given["data_parallel_size"]) == (2, 2, 2)
    assert (given["kv_cache_dtype"], given["max_model_len"], given["port"]) == ("fp8", 4096, 8001)


def test_adapters_are_read_with_their_names_and_folders(understood: dict[str, dict[str, Any]]) -> None:
    given = understood["taught"]
    assert (given["enable_lora"], given["max_loras"], given["max_lora_rank"]) == (True, 3, 64)
    assert (given["data_parallel_size"], given["api_server_count"]) == (2, 1)
    for said, (name, folder) in zip(given["lora_modules"], ADAPTERS.items(), strict=True):
        assert f"name='{name}', path='{folder}'" in said
    assert not understood["llama-3.1-8b-instruct"]["enable_lora"]


def test_its_templates_are_there(understood: dict[str, dict[str, Any]]) -> None:
    named = [given["chat_template"] for given in understood.values() if given["chat_template"]]
    assert len(named) >= 5
    assert all(Path(name).is_file() for name in named)


async def test_a_full_engine_says_so_at_once(vllm_server: VllmServer) -> None:
    """A request counts once for each answer that it wants; so many, with what may wait, are too many."""
    body = {"model": vllm_server.model, "prompt": "Hello", "max_tokens": 1, "n": vllm.CASE.load.sequences * 2 + 1}
    headers = {"Authorization": f"Bearer {vllm_server.key}"}
    async with aiohttp.ClientSession(vllm_server.url, headers=headers) as session:
        async with session.post("/v1/completions", json=body) as response:
            assert response.status == 503
        async with session.post("/v1/completions", json=body | {"n": 1}) as response:
            assert response.status == 200
        async with session.get("/metrics") as response:
            assert REJECTED.search(await response.text())


async def test_the_key_holds_and_what_it_does_not_guard_is_shut(vllm_server: VllmServer) -> None:
    async with aiohttp.ClientSession(vllm_server.url) as session:
        for path, status in (("/v1/models", 401), ("/docs", 404), ("/openapi.json", 404)):
            async with session.get(path) as response:
                assert response.status == status, path
        for path in ("/sleep", "/pause"):
            async with session.post(path) as response:
                assert response.status == 404, path
