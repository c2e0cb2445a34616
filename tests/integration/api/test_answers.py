"""What an engine says that nobody told it: kept, masked or stopped, as the settings have it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.settings import Privacy, PrivacyPolicy, TenantPrivacy
from inference.messages import Delta
from inference.twin import Pause, Step, Twin
from tests.integration.api.conftest import Running, appliance
from tests.integration.api.test_accounting import entries, until

MINE = "jane.doe@customer.example"
THEIRS = "mary.poe@customer.example"
PROSE = "The line is back and we have seen no further loss since noon today. "
ASKED = [{"role": "user", "content": f"Write to {MINE}"}]
HANGS = Pause(60)


def leaky(body: dict[str, Any]) -> Sequence[Step]:
    """Tells what the engine was asked, and whom it knows from elsewhere."""
    said = f"You asked: {body['messages'][-1]['content']}. {PROSE}Ask {THEIRS} too. {PROSE}{PROSE}"
    return [*(Delta(content=said[at : at + 3]) for at in range(0, len(said), 3)), Delta(finish_reason="stop")]


def endless(body: dict[str, Any]) -> Sequence[Step]:
    return [*leaky(body)[:-1], HANGS]


async def ask(running: Running, stream: bool) -> tuple[str, str | None]:
    """What the caller reads, and why it ended."""
    create = running.client().chat.completions.create
    asked: dict[str, Any] = {"model": "twin", "messages": ASKED}
    if not stream:
        choice = (await create(**asked)).choices[0]
        return choice.message.content or "", choice.finish_reason
    choices = [chunk.choices[0] async for chunk in await create(**asked, stream=True) if chunk.choices]
    return "".join(each.delta.content or "" for each in choices), choices[-1].finish_reason


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("mode", ["mask", "pass"])
async def test_what_the_caller_did_not_bring_is_masked(tmp_path: Path, stream: bool, mode: Any) -> None:
    privacy = Privacy(policy=PrivacyPolicy(mode=mode), answers="mask")
    async with appliance(tmp_path, Twin(script=leaky), privacy=privacy) as running:
        said, finish = await ask(running, stream)
        (entry,) = await entries(running)
    assert said == f"You asked: Write to {MINE}. {PROSE}Ask [EMAIL_ADDRESS] too. {PROSE}{PROSE}"
    assert finish == "stop"
    assert (entry["code"], entry["details"]["in_answers"]) == ("ok", 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_tenant_may_have_answers_stopped(tmp_path: Path, stream: bool) -> None:
    privacy = Privacy(tenants={"default": TenantPrivacy(answers="stop")})
    async with appliance(tmp_path, Twin(script=endless if stream else leaky), privacy=privacy) as running:
        said, finish = await ask(running, stream)
        await until(lambda: not running.twin.running)
        assert b'ringfence_leaks_total{type="EMAIL_ADDRESS"} 1.0' in running.ring.metrics.render()
        (entry,) = await entries(running)
    assert said == f"You asked: Write to {MINE}. {PROSE}Ask "
    assert finish == "content_filter"
    assert entry["code"] == "answer_stopped"
    assert entry["prompt_tokens"] > 0
    assert entry["completion_tokens"] > 0


async def test_answers_are_kept_where_nobody_wants_otherwise(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(script=leaky)) as running:
        said, _ = await ask(running, True)
    assert f"Ask {THEIRS} too" in said


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_cannot_be_checked_is_not_told(tmp_path: Path, stream: bool) -> None:
    privacy = Privacy(policy=PrivacyPolicy(mode="pass"), answers="mask", deadline_seconds=1e-9)
    async with appliance(tmp_path, Twin(script=leaky), privacy=privacy) as running:
        with pytest.raises(openai.APIError) as refused:
            await ask(running, stream)
        (entry,) = await entries(running)
    assert refused.value.code == entry["code"] == "privacy_unavailable"


async def test_answers_that_have_begun_wait_for_each_other(tmp_path: Path) -> None:
    """More than the pool lets wait: a request would be refused then."""
    said = PROSE * 40

    async with appliance(
        tmp_path, Twin(script=lambda _: [Delta(content=said)]), privacy=Privacy(answers="mask")
    ) as running:
        answers = await asyncio.gather(*(ask(running, False) for _ in range(100)))
    assert {text for text, _ in answers} == {said}
