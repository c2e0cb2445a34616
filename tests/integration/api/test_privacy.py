"""What an engine sees of a request, and what its caller gets back."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.settings import Privacy, PrivacyPolicy, TenantPrivacy
from inference.messages import Delta
from inference.twin import Step, Twin
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


@asynccontextmanager
async def near_and_far(folder: Path, policy: PrivacyPolicy) -> AsyncIterator[tuple[Running, Twin, Twin]]:
    near, far = Twin("near"), Twin("far", place="cloud")
    async with appliance(folder, near, far, privacy=Privacy(policy=policy)) as running:
        yield running, near, far


async def asked(running: Running, text: str) -> str | None:
    message: Any = {"role": "user", "content": text}
    return (await running.client().chat.completions.create(model="twin", messages=[message])).choices[0].message.content


async def test_a_cloud_answers_only_when_nothing_on_site_can(tmp_path: Path) -> None:
    async with near_and_far(tmp_path, PrivacyPolicy(types={"EMAIL_ADDRESS": "keep"})) as (running, near, far):
        assert await asked(running, MAIL) == MAIL
        assert (len(near.calls), len(far.calls)) == (1, 0)
        near.down = "it rests"
        assert await asked(running, MAIL) == MAIL
        assert len(far.calls) == 1
        assert MAIL not in seen(far) and "<EMAIL_ADDRESS_" in seen(far)


async def test_who_lets_engines_on_site_see_all_lets_no_cloud(tmp_path: Path) -> None:
    async with near_and_far(tmp_path, PrivacyPolicy(mode="pass")) as (running, near, far):
        near.down = "it rests"
        assert await asked(running, MAIL) == MAIL
        assert MAIL not in seen(far) and "<EMAIL_ADDRESS_" in seen(far)


async def test_a_request_that_no_cloud_may_have_stays_on_site(tmp_path: Path) -> None:
    async with near_and_far(tmp_path, PrivacyPolicy(cloud="refuse")) as (running, near, far):
        assert await asked(running, MAIL) == MAIL
        near.down = "it rests"
        with pytest.raises(openai.InternalServerError) as busy:
            await asked(running, MAIL)
        assert busy.value.code == "engine_unavailable"
        assert far.calls == []
        assert await asked(running, "hello") == "hello"
        assert len(far.calls) == 1


async def test_a_request_is_refused_where_only_a_cloud_could_answer(tmp_path: Path) -> None:
    far = Twin("far", place="cloud")
    async with appliance(tmp_path, far, privacy=Privacy(policy=PrivacyPolicy(cloud="refuse"))) as running:
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await asked(running, MAIL)
        assert refused.value.code == "privacy_refused"
        assert far.calls == []


async def test_names_are_found_as_it_comes(tmp_path: Path, rampart_weights: Path) -> None:
    weights = tmp_path / "models" / "rampart"
    weights.parent.mkdir()
    weights.symlink_to(rampart_weights.parent)
    async with appliance(tmp_path, Twin()) as running:
        said = [{"role": "user", "content": "My name is Declan Murphy and my router is broken."}]
        answer = await running.client().chat.completions.create(model="twin", messages=said)  # type: ignore[arg-type]
        assert answer.choices[0].message.content == said[0]["content"]
        assert "Murphy" not in seen(running.twin)
        assert "<PERSON_" in seen(running.twin)


RECORD = {"PERSON": ["Jane Roe"], "ADDRESS": ["12 High Street, Ely"], "ACCOUNT_ID": ["77-4711-09"]}
TOLD = "roe, jane of 12 high st. here. Mrs Roe, account 77471109"


async def test_the_customers_own_record_is_masked_and_comes_back(twin_appliance: Running) -> None:
    told = {"role": "user", "content": TOLD}
    client = twin_appliance.client()
    asked: dict[str, Any] = {"model": "twin", "messages": [told]}
    answer = await client.chat.completions.create(**asked, extra_body={"ringfence": {"record": RECORD}})
    assert answer.choices[0].message.content == TOLD
    sent = seen(twin_appliance.twin)
    assert not any(each in sent.lower() for each in ("roe", "jane", "high st", "77471109", "ringfence"))
    assert sent.count("<PERSON_") == 2 and "<ADDRESS_" in sent and "<ACCOUNT_ID_" in sent


async def test_a_record_is_of_its_request_alone(twin_appliance: Running) -> None:
    """Also in what a worker remembers of a text: other terms find other things in it."""
    client = twin_appliance.client()
    asked: dict[str, Any] = {"model": "twin", "messages": [{"role": "user", "content": "Roe met Poe"}]}
    for name in ("Jane Roe", "Jane Poe"):
        await client.chat.completions.create(**asked, extra_body={"ringfence": {"record": {"PERSON": [name]}}})
    await client.chat.completions.create(**asked)
    first, second, third = (call.body.decode() for call in twin_appliance.twin.calls)
    assert "Roe" not in first and "Poe" in first
    assert "Poe" not in second and "Roe" in second
    assert "Roe met Poe" in third


async def test_a_record_in_the_system_prompt_comes_back_too(tmp_path: Path) -> None:
    def greet(body: dict[str, Any]) -> Sequence[Step]:
        name = body["messages"][0]["content"].removeprefix("You serve ")
        return [Delta(content=f"Hello {name}"), Delta(finish_reason="stop")]

    async with appliance(tmp_path, Twin(script=greet)) as running:
        answer = await running.client().chat.completions.create(
            model="twin",
            messages=[{"role": "system", "content": "You serve Jane Roe"}, {"role": "user", "content": "hi"}],
            extra_body={"ringfence": {"record": RECORD}},
        )
        assert answer.choices[0].message.content == "Hello Jane Roe"
        assert "Roe" not in seen(running.twin)


async def test_no_engine_sees_the_record_also_where_all_passes(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), privacy=Privacy(policy=PrivacyPolicy(mode="pass"))) as running:
        client = running.client()
        await client.chat.completions.create(
            model="twin",
            messages=ASKED,  # type: ignore[arg-type]
            extra_body={"ringfence": {"record": RECORD}},
        )
        assert "Roe" not in seen(running.twin) and MAIL in seen(running.twin)


@pytest.mark.parametrize(
    ("record", "param"),
    [
        ({"NICKNAME": ["Janey"]}, "ringfence.record"),
        ({"PERSON": ["J"]}, "ringfence.record.PERSON[0]"),
        ({"PERSON": "Janey"}, "ringfence.record[...]"),
    ],
)
async def test_a_wrong_record_is_told(twin_appliance: Running, record: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await twin_appliance.client().chat.completions.create(
            model="twin",
            messages=ASKED,  # type: ignore[arg-type]
            extra_body={"ringfence": {"record": record}},
        )
    assert refused.value.param == param
    assert "Janey" not in str(refused.value)
