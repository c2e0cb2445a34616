"""Conversations whose values are kept: what comes back in a later request, for whom, and that it can be erased."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import openai
import pytest
from sqlalchemy import text

from appliance.audit.report import export
from appliance.db import open_database
from appliance.identity import credentials
from appliance.identity.credentials import Order
from appliance.identity.keys import Mint
from appliance.keyring import open_keyring
from appliance.settings import Privacy, PrivacyPolicy
from inference.messages import Delta
from inference.twin import Step, Twin
from tests.integration.api.conftest import Running, appliance

MAIL = "jane.doe@customer.example"
SESSION = {"x-session-id": "s1", "x-subject-id": "customer-7"}
FIRST = [{"role": "user", "content": f"My pin: is with {MAIL}"}]


def recite(body: dict[str, Any]) -> Sequence[Step]:
    """Says the last answer of before again, as an engine does that remembers; else the last text."""
    said = [each["content"] for each in body["messages"] if each["role"] == "assistant"]
    return [Delta(content=said[-1] if said else body["messages"][-1]["content"]), Delta(finish_reason="stop")]


@pytest.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[Running]:
    async with appliance(tmp_path, Twin(script=recite), privacy=Privacy(keep_days=30)) as running:
        yield running


async def say(running: Running, messages: Any, key: str = "", streams: bool = False, **headers: str) -> str:
    client = running.client(**({"api_key": key} if key else {}))
    named = {name.replace("_", "-"): value for name, value in headers.items()} or SESSION
    asked: dict[str, Any] = {"model": "twin", "messages": messages, "extra_headers": named}
    if streams:
        stream = await client.chat.completions.create(**asked, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    return (await client.chat.completions.create(**asked)).choices[0].message.content or ""


def sent(running: Running, turn: int = -1) -> str:
    return str(json.loads(running.twin.calls[turn].body)["messages"][-1]["content"])


async def placeholder(running: Running, **headers: str) -> str:
    await say(running, FIRST, **headers)
    return sent(running).split()[-1]


def later(placeholder: str) -> list[dict[str, str]]:
    return [
        {"role": "assistant", "content": f"I wrote to {placeholder}."},
        {"role": "user", "content": "To whom?"},
    ]


async def service_key(running: Running) -> str:
    settings = running.ring.settings
    database = open_database(settings)
    order = Order(tenant="default", name="other", role="service")
    issued = await credentials.create_key(database, Mint(open_keyring(settings).pepper), order)
    await database.close()
    return issued.text


async def execute(running: Running, statement: str) -> None:
    database = open_database(running.ring.settings)
    async with database.begin() as connection:
        await connection.execute(text(statement))
    await database.close()


async def delete(running: Running, subject: str, key: str = "") -> tuple[int, Any]:
    async with openai.DefaultAsyncHttpxClient() as client:
        headers = {"authorization": f"Bearer {key or running.key}"}
        response = await client.delete(f"{running.url}/v1/privacy/subjects/{subject}", headers=headers)
        return response.status_code, response.json()


@pytest.mark.parametrize("streams", [False, True])
async def test_a_placeholder_of_an_earlier_turn_comes_back(keeping: Running, streams: bool) -> None:
    known = await placeholder(keeping)
    assert known.startswith("<EMAIL_ADDRESS_")
    assert await say(keeping, later(known), streams=streams) == f"I wrote to {MAIL}."
    assert MAIL not in "".join(call.body.decode() for call in keeping.twin.calls)


async def test_nobody_else_gets_it(keeping: Running) -> None:
    known = await placeholder(keeping)
    untold = f"I wrote to {known}."
    assert await say(keeping, later(known), x_session_id="s2", x_subject_id="customer-7") == untold
    assert await say(keeping, later(known), x_session_id="s1", x_subject_id="customer-8") == untold
    assert await say(keeping, later(known), x_session_id="s1") == untold
    assert await say(keeping, later(known), x_subject_id="customer-7") == untold
    assert await say(keeping, later(known), await service_key(keeping)) == untold
    assert await say(keeping, later(known)) == f"I wrote to {MAIL}."


async def test_a_placeholder_that_is_typed_is_a_text_like_any_other(keeping: Running) -> None:
    known = await placeholder(keeping)
    typed = [{"role": "user", "content": f"who is {known}?"}]
    assert await say(keeping, typed) == f"who is {known}?"
    assert "<LITERAL_" in sent(keeping)


async def test_a_value_of_an_earlier_turn_is_masked_where_nobody_finds_it(keeping: Running) -> None:
    await say(keeping, [{"role": "user", "content": "my wifi key: hunter22glass"}])
    assert await say(keeping, [{"role": "user", "content": "is hunter22glass long?"}]) == "is hunter22glass long?"
    assert "hunter22" not in sent(keeping)


async def test_without_the_setting_nothing_is_kept(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(script=recite)) as running:
        known = await placeholder(running)
        assert await say(running, later(known)) == f"I wrote to {known}."


async def test_where_all_passes_nothing_is_kept(tmp_path: Path) -> None:
    chosen = Privacy(keep_days=30, policy=PrivacyPolicy(mode="pass"))
    async with appliance(tmp_path, Twin(script=recite), privacy=chosen) as running:
        assert await say(running, FIRST) == FIRST[0]["content"]
        assert (await delete(running, "customer-7"))[1]["erased"] is False


async def test_what_cannot_be_read_refuses(keeping: Running) -> None:
    await say(keeping, FIRST)
    await execute(keeping, "UPDATE kept_values SET sealed = zeroblob(40)")
    with pytest.raises(openai.InternalServerError) as refused:
        await say(keeping, FIRST)
    assert (refused.value.code, len(keeping.twin.calls)) == ("privacy_unavailable", 1)


async def test_what_cannot_be_kept_is_counted_and_the_answer_comes(keeping: Running) -> None:
    await execute(
        keeping,
        "CREATE TRIGGER full BEFORE INSERT ON kept_values BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    assert await say(keeping, FIRST) == FIRST[0]["content"]
    assert b"ringfence_unkept_total 1.0" in keeping.ring.metrics.render()


@pytest.mark.parametrize("subject", ["a b", "x" * 256])
async def test_a_bad_subject_is_told(keeping: Running, subject: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await say(keeping, FIRST, x_session_id="s1", x_subject_id=subject)
    assert refused.value.param == "x-subject-id"


async def test_who_is_forgotten_does_not_come_back(keeping: Running) -> None:
    known = await placeholder(keeping)
    await placeholder(keeping, x_session_id="s1", x_subject_id="crm/8")
    assert await delete(keeping, "customer-7") == (200, {"erased": True, "conversations": 1, "values": 1})
    assert await delete(keeping, "customer-7") == (200, {"erased": False, "conversations": 0, "values": 0})
    assert await say(keeping, later(known)) == f"I wrote to {known}."
    assert await say(keeping, later(known), x_session_id="s1", x_subject_id="crm/8") == f"I wrote to {MAIL}."
    assert await delete(keeping, "crm/8") == (200, {"erased": True, "conversations": 1, "values": 1})


async def test_only_administrators_forget_and_the_ledger_names_no_customer(keeping: Running) -> None:
    await say(keeping, FIRST)
    status, told = await delete(keeping, "customer-7", await service_key(keeping))
    assert (status, told["error"]["code"]) == (403, "permission_denied")
    assert (await delete(keeping, "customer-7"))[1]["erased"] is True
    await keeping.ring.ledger.close()
    database = open_database(keeping.ring.settings)
    lines = [json.loads(line) async for line in export(database)]
    await database.close()
    refused, done = [line for line in lines if line["action"] == "privacy_forget"]
    assert (refused["code"], done["code"]) == ("permission_denied", "ok")
    assert done["details"].keys() == {"subject", "conversations", "values"}
    assert "customer-7" not in json.dumps(lines)
