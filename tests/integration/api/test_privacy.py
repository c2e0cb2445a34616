"""What an engine sees of a request, and what its caller gets back."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.settings import Privacy, PrivacyPolicy, TenantPrivacy
from inference.twin import Twin
from tests.integration.api.conftest import Running, appliance

MAIL = "jane.doe@customer.example"
ASKED = [{"role": "user", "content": f"Write to {MAIL} and say that the line is back"}]


def seen(twin: Twin) -> str:
    return "".join(call.body.decode() for call in twin.calls)


@pytest.mark.parametrize("streams", [False, True])
async def test_the_engine_sees_placeholders_and_the_caller_does_not(twin_appliance: Running, streams: bool) -> None:
    client = twin_appliance.client()
    asked: dict[str, Any] = {"model": "twin", "messages": ASKED}
    if streams:
        stream = await client.chat.completions.create(**asked, stream=True)
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    else:
        said = (await client.chat.completions.create(**asked)).choices[0].message.content or ""
    assert said == ASKED[0]["content"]
    assert MAIL not in seen(twin_appliance.twin)
    assert "<EMAIL_ADDRESS_" in seen(twin_appliance.twin)


async def test_every_field_is_scrubbed(twin_appliance: Running) -> None:
    tool = {"type": "function", "function": {"name": "f", "description": f"ask {MAIL}", "parameters": {}}}
    called = {"id": "1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"to": MAIL})}}
    await twin_appliance.client().chat.completions.create(
        model="twin",
        messages=[
            {"role": "system", "content": f"You serve {MAIL}."},
            {"role": "assistant", "tool_calls": [called]},  # type: ignore[list-item,misc]
            {"role": "tool", "tool_call_id": "1", "content": json.dumps({"mail": MAIL})},
            {"role": "user", "content": [{"type": "text", "text": MAIL}], "name": "jane"},
        ],
        tools=[tool],  # type: ignore[list-item]
        user=MAIL,
        stop=[MAIL],
        metadata={"who": MAIL},
        extra_body={"unheard_of": {"deep": [MAIL]}},
    )
    assert MAIL not in seen(twin_appliance.twin)


async def test_a_value_of_the_system_prompt_does_not_come_back(twin_appliance: Running) -> None:
    client = twin_appliance.client()
    system = {"role": "system", "content": f"The boss is {MAIL}"}
    await client.chat.completions.create(model="twin", messages=[system, {"role": "user", "content": "hi"}])  # type: ignore[list-item]
    placeholder = seen(twin_appliance.twin).split("The boss is ")[1].split('"')[0]
    typed = {"role": "user", "content": f"say {placeholder}"}
    answer = await client.chat.completions.create(model="twin", messages=[system, typed])  # type: ignore[list-item]
    assert answer.choices[0].message.content == f"say {placeholder}"


async def test_embeddings_and_completions_are_scrubbed_too(twin_appliance: Running) -> None:
    client = twin_appliance.client()
    done = await client.completions.create(model="twin", prompt=f"mail {MAIL}")
    assert done.choices[0].text == f"mail {MAIL}"
    await client.embeddings.create(model="twin", input=[MAIL, "nothing"])
    assert MAIL not in seen(twin_appliance.twin)


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Running]:
    policies = {"default": TenantPrivacy(policy=PrivacyPolicy(mode="refuse"))}
    async with appliance(tmp_path, Twin(), privacy=Privacy(tenants=policies)) as running:
        yield running


async def test_a_tenant_may_refuse_instead(strict: Running) -> None:
    client = strict.client()
    with pytest.raises(openai.PermissionDeniedError) as refused:
        await client.chat.completions.create(model="twin", messages=ASKED)  # type: ignore[arg-type]
    assert refused.value.code == "privacy_refused"
    assert MAIL not in str(refused.value)
    assert strict.twin.calls == []
    await client.chat.completions.create(model="twin", messages=[{"role": "user", "content": "hello"}])


async def test_images_are_refused_while_they_cannot_be_scrubbed(twin_appliance: Running) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(openai.PermissionDeniedError) as refused:
        await twin_appliance.client().chat.completions.create(
            model="twin",
            messages=[{"role": "user", "content": [image]}],  # type: ignore[list-item,misc]
        )
    assert refused.value.param == "messages[0].content[0]"


async def test_what_passes_is_untouched(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), privacy=Privacy(policy=PrivacyPolicy(mode="pass"))) as running:
        await running.client().chat.completions.create(model="twin", messages=ASKED)  # type: ignore[arg-type]
        assert MAIL in seen(running.twin)


async def test_a_request_that_cannot_be_checked_in_time_is_refused(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), privacy=Privacy(deadline_seconds=1e-9)) as running:
        with pytest.raises(openai.InternalServerError) as refused:
            await running.client().chat.completions.create(model="twin", messages=ASKED)  # type: ignore[arg-type]
        assert refused.value.code == "privacy_unavailable"
        assert running.twin.calls == []


async def test_names_are_found_where_the_settings_say_so(tmp_path: Path, rampart_weights: Path) -> None:
    weights = tmp_path / "models" / "rampart"
    weights.parent.mkdir()
    weights.symlink_to(rampart_weights.parent)
    async with appliance(tmp_path, Twin(), privacy=Privacy(names="rampart")) as running:
        said = [{"role": "user", "content": "My name is Declan Murphy and my router is broken."}]
        answer = await running.client().chat.completions.create(model="twin", messages=said)  # type: ignore[arg-type]
        assert answer.choices[0].message.content == said[0]["content"]
        assert "Murphy" not in seen(running.twin)
        assert "<PERSON_" in seen(running.twin)
