"""What callers see of engines that Ringfence starts: swaps, adapters, names. A post speaks as vLLM on its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import pytest
from msgspec.structs import replace
from openai.types.chat import ChatCompletionMessageParam

from appliance.db import open_database
from appliance.identity import accounts, credentials
from appliance.identity.credentials import Order
from appliance.identity.keys import Mint
from appliance.keyring import open_keyring
from appliance.settings import (
    Bounds,
    DatabaseSettings,
    EngineSettings,
    LaunchSettings,
    Limits,
    Paths,
    Price,
    Privacy,
    Settings,
)
from inference.control import socket_of
from inference.roster import Adapter, Hold
from tests.integration.api.conftest import Running, running
from tests.integration.api.test_accounting import entries
from tests.integration.inference.scripted_post import ScriptedPost
from tests.integration.inference.supervisor import Supervisor, until
from tests.peers.cache import compiled_patterns

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "word " * 1000}]
HELD = (Hold("e", ("m",)),)
LORA = Adapter("lora", ("default",))
OPEN = Adapter("open", ("*",))


@asynccontextmanager
async def serving(var: Path, *posts: ScriptedPost) -> AsyncIterator[tuple[Running, Supervisor]]:
    launched = EngineSettings(name="e", kind="vllm", models=("m",), launch=LaunchSettings(model="tiny"))
    settings = Settings(
        paths=Paths(var=var, cache=compiled_patterns()),
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{var}/r.db"),
        privacy=Privacy(names="off"),
        limits=Limits(key=Bounds(concurrent=3), prices={"m": Price(prompt=1000, completion=1000)}),
        engines=(launched,),
    )
    supervisor = Supervisor(socket_of(var))
    supervisor.publish(*(each.post for each in posts))
    async with supervisor.open(), running(settings) as found:
        yield found, supervisor


async def say(client: openai.AsyncOpenAI, model: str = "m") -> tuple[str, str | None]:
    """Which model the answer names, and which post gave it."""
    answer = await client.chat.completions.create(model=model, messages=HELLO)
    return answer.model, answer.choices[0].message.content


async def stream(client: openai.AsyncOpenAI, model: str = "m") -> list[tuple[str, str | None]]:
    answer = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
    return [(event.model, event.choices[0].delta.content) async for event in answer]


async def key_of(found: Running, tenant: str) -> str:
    database = open_database(found.ring.settings)
    await accounts.create_tenant(database, tenant)
    mint = Mint(open_keyring(found.ring.settings).pepper)
    issued = await credentials.create_key(database, mint, Order(tenant=tenant, name="x", role="service"))
    await database.close()
    return issued.text


async def test_a_swap_in_place_is_a_wait_for_callers(tmp_path: Path) -> None:
    old, new = ScriptedPost("e.1", tmp_path, "m"), ScriptedPost("e.2", tmp_path, "m", "other")
    async with old.open(), serving(tmp_path, old) as (found, supervisor):
        client = found.client()
        old.gate.clear()
        running = asyncio.create_task(say(client))
        await until(lambda: len(old.asked) == 1)
        version = supervisor.publish(replace(old.post, leaving=True), holds=HELD)
        await supervisor.until_seen(version, {"e.1": 1})
        held = [asyncio.create_task(say(client)), asyncio.create_task(stream(client))]
        await until(lambda: found.ring.fleet.room.present["e"] == 2)
        with pytest.raises(openai.RateLimitError):  # what waits is reserved like what runs
            await say(client)
        old.kill()
        await until(lambda: found.ring.fleet.room.present["e"] == 3)
        assert await _metric(found, "ringfence_requests_held_total") == 3.0
        async with new.open():
            supervisor.publish(new.post)
            assert await running == ("m", "e.2")
            assert await asyncio.gather(*held) == [("m", "e.2"), [("m", "e.2")]]
            assert await say(client, "other") == ("other", "e.2")
    assert old.asked == ["m"]


async def test_a_caller_who_leaves_while_waiting_costs_nothing(tmp_path: Path) -> None:
    new = ScriptedPost("e.2", tmp_path, "m")
    async with new.open(), serving(tmp_path) as (found, supervisor):
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        for _ in range(4):
            asking = asyncio.create_task(say(found.client()))
            await until(lambda: found.ring.fleet.room.present["e"] == 1)
            asking.cancel()
            await until(lambda: found.ring.fleet.room.present["e"] == 0)
            await until(lambda: found.app.in_flight == 0)
        supervisor.publish(new.post)
        assert await say(found.client()) == ("m", "e.2")
        told = await entries(found)
    assert [(each["code"], each.get("money", 0) > 0) for each in told] == [("client_disconnected", False)] * 4 + [
        ("ok", True)
    ]
    assert new.asked == ["m"]


async def test_a_hold_that_fails_tells_when_to_come_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as (found, supervisor):
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        asking = asyncio.create_task(say(found.client()))
        await until(lambda: found.ring.fleet.room.present["e"] == 1)
        supervisor.publish()
        with pytest.raises(openai.InternalServerError) as refused:
            await asking
    assert refused.value.status_code == 503
    assert int(refused.value.response.headers["retry-after"]) >= 1


async def test_answers_name_the_model_that_was_asked_for(tmp_path: Path) -> None:
    post = ScriptedPost("e.1", tmp_path, "m", "tiny", adapters=(OPEN,))
    async with post.open(), serving(tmp_path, post) as (found, _):
        client = found.client()
        for model in ("m", "tiny", "open"):
            assert await say(client, model) == (model, "e.1")
            assert await stream(client, model) == [(model, "e.1")]
        listed = {model.id: model for model in (await client.models.list()).data}
        assert {name: each.max_model_len for name, each in listed.items()} == dict.fromkeys(("m", "tiny", "open"), 2048)  # type: ignore[attr-defined]


async def test_an_adapter_is_not_there_for_other_tenants(tmp_path: Path) -> None:
    post = ScriptedPost("e.1", tmp_path, "m", adapters=(LORA, OPEN, Adapter("stray", ("*",))))
    async with post.open(), serving(tmp_path) as (found, supervisor):
        known = Adapter("lora", ("default",)), OPEN
        await supervisor.until_seen(supervisor.publish(replace(post.post, adapters=known)))
        ours, theirs = found.client(), found.client(api_key=await key_of(found, "another"))
        await until(lambda: len(found.ring.fleet.models("default")) == 3)
        assert [model.id for model in (await ours.models.list()).data] == ["lora", "m", "open"]
        assert [model.id for model in (await theirs.models.list()).data] == ["m", "open"]
        assert (await say(ours, "lora"), await say(theirs, "open")) == (("lora", "e.1"), ("open", "e.1"))
        for client, hidden in ((theirs, "lora"), (theirs, "stray"), (ours, "stray")):
            assert await _refusals(client, hidden) == await _refusals(client, "nope-x")
    assert set(post.asked) == {"lora", "open"}


async def _refusals(client: openai.AsyncOpenAI, model: str) -> list[object]:
    """How each door says that there is no such model."""
    root = str(client.base_url).removesuffix("/v1/")
    doors = [
        client.chat.completions.create(model=model, messages=HELLO),
        client.completions.create(model=model, prompt="x"),
        client.embeddings.create(model=model, input="x"),
        client.models.retrieve(model),
        client.post(f"{root}/tokenize", body={"model": model, "prompt": "x"}, cast_to=object),
        client.post(f"{root}/detokenize", body={"model": model, "tokens": [1]}, cast_to=object),
    ]
    found: list[object] = []
    for door in doors:
        with pytest.raises(openai.NotFoundError) as refused:
            await door
        assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
        found.append(refused.value.message.replace(model, "MODEL"))
    return found


async def _metric(found: Running, name: str) -> float:
    lines = found.ring.metrics.render().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
