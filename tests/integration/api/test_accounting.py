"""What a request costs and what the ledger says of it, however it ends."""

import asyncio
import json
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.audit.report import export
from appliance.db import open_database
from appliance.errors import EngineFailed
from appliance.settings import Bounds, Limits, Price
from inference.messages import Delta
from inference.twin import Fault, Pause, Twin
from tests.integration.api.conftest import Running, appliance

LONG = [{"role": "user", "content": "word " * 1000}]
FOREVER = [Delta(content="a"), Delta(content="b"), Pause(60)]
PRICED = Limits(prices={"twin": Price(prompt=1000, completion=1000)})


async def entries(running: Running) -> list[dict[str, Any]]:
    """What the ledger has after everything that was recorded is stored."""
    await running.ring.ledger.close()
    database = open_database(running.ring.settings)
    lines = [json.loads(line) async for line in export(database)]
    await database.close()
    return [line for line in lines if line["action"] in ("chat", "tokenize")]


async def until(check: Any) -> None:
    async with asyncio.timeout(3):
        while not check():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_who_leaves_pays_for_the_prompt(tmp_path: Path, stream: bool) -> None:
    async with appliance(tmp_path, Twin(script=lambda _: FOREVER), limits=PRICED) as running:
        create = running.client().chat.completions.create
        asking = asyncio.create_task(create(model="twin", messages=LONG, stream=stream))
        await until(lambda: running.twin.running)
        if stream:
            answer = await asking
            assert [(await anext(answer)).choices[0].delta.content for _ in range(2)] == ["a", "b"]
            await answer.close()
        else:
            asking.cancel()
        await until(lambda: not running.app.in_flight)
        (entry,) = await entries(running)
    assert entry["code"] == "client_disconnected"
    assert entry["prompt_tokens"] >= 1000
    assert entry.get("completion_tokens", 0) == (2 if stream else 0)
    assert entry["money"] >= 1000


async def test_an_engine_that_breaks_is_paid_for_what_came(tmp_path: Path) -> None:
    script = [Delta(content="a"), Fault(EngineFailed("It broke. Try again."))]
    async with appliance(tmp_path, Twin(script=lambda _: script), limits=PRICED) as running:
        with pytest.raises(openai.APIError):
            async for _ in await running.client().chat.completions.create(model="twin", messages=LONG, stream=True):
                pass
        (entry,) = await entries(running)
    assert (entry["code"], entry.get("prompt_tokens", 0), entry["completion_tokens"]) == ("engine_failed", 0, 1)


async def test_a_fault_of_ours_is_not_called_a_caller_who_left(tmp_path: Path) -> None:
    class Broken(Twin):
        async def tokenize(self, call):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    async with appliance(tmp_path, Broken()) as running:
        with pytest.raises(openai.InternalServerError):
            await running.client().post("../tokenize", body={"model": "twin", "prompt": "x"}, cast_to=object)
        (entry,) = await entries(running)
    assert entry["code"] == "internal_error"


async def test_counting_tokens_takes_none(tmp_path: Path) -> None:
    limits = Limits(key=Bounds(tokens_per_minute=10))
    async with appliance(tmp_path, Twin(), limits=limits) as running:
        body = {"model": "twin", "prompt": "word " * 1000}
        assert await running.client().post("../tokenize", body=body, cast_to=object)
