"""`ringfence limits` against a real database, and what running workers make of it."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from appliance import config
from appliance.db import open_database
from appliance.errors import LimitExceeded
from appliance.limits import Estimate, Limits
from tests.integration.api.cli.commands import Ringfence

SETTINGS = """\
[limits.tenant]
money_per_month = 500_000_000

[limits.key]
requests_per_minute = 60
"""


class Caller:
    tenant = "acme"
    user = "ada"

    def __init__(self, key: str) -> None:
        self.key = key


@pytest.fixture
def acme(tmp_path: Path) -> Ringfence:
    """With a tenant `acme` and its user `ada`."""
    made = Ringfence(tmp_path, SETTINGS)
    made("init")
    made("tenants", "create", "acme")
    made("users", "create", "ada", "--tenant", "acme", "--role", "agent")
    return made


@pytest.fixture
def key(acme: Ringfence) -> str:
    return str(acme.rows("keys", "create", "--tenant", "acme", "--name", "portal")["id"])


def listed(ringfence: Ringfence, *arguments: str) -> list[tuple[str | int | None, ...]]:
    return [tuple(row.values()) for row in ringfence.rows("limits", "list", *arguments)]


def test_without_rules_the_settings_hold_for_everybody(acme: Ringfence, key: str) -> None:
    assert listed(acme) == [
        ("*", None, None, "money_per_month", "500.00", "settings"),
        ("*", None, "*", "requests_per_minute", 60, "settings"),
    ]
    assert listed(acme, "--key", key) == [("acme", None, key, "requests_per_minute", 60, "settings")]
    assert listed(acme, "--tenant", "acme", "--user", "ada") == []


def test_a_rule_replaces_the_settings_until_it_is_removed(acme: Ringfence) -> None:
    said = acme("limits", "set", "--tenant", "acme", "money_per_month=25", "concurrent=4")
    assert said == "Set money_per_month of tenant acme to 25.00.\nSet concurrent of tenant acme to 4.\n"
    acme("limits", "set", "--tenant", "acme", "concurrent=5")
    assert listed(acme, "--tenant", "acme") == [
        ("acme", None, None, "concurrent", 5, "rule"),
        ("acme", None, None, "money_per_month", "25.00", "rule"),
    ]
    assert (
        acme("limits", "remove", "--tenant", "acme", "money_per_month") == "Removed money_per_month of tenant acme.\n"
    )
    assert listed(acme, "--tenant", "acme") == [
        ("acme", None, None, "concurrent", 5, "rule"),
        ("acme", None, None, "money_per_month", "500.00", "settings"),
    ]


def test_a_tenant_is_listed_with_its_users_and_keys_and_they_alone(acme: Ringfence, key: str) -> None:
    acme("limits", "set", "concurrent=1")
    acme("limits", "set", "--tenant", "acme", "--user", "ada", "concurrent=2")
    acme("limits", "set", "--key", key, "concurrent=3", "requests_per_minute=0")
    tenant = ("acme", None, None, "money_per_month", "500.00", "settings")
    user = ("acme", "ada", None, "concurrent", 2, "rule")
    of_key = [("acme", None, key, "requests_per_minute", 0, "rule"), ("acme", None, key, "concurrent", 3, "rule")]
    assert listed(acme, "--tenant", "acme") == [tenant, user, *of_key]
    assert listed(acme, "--tenant", "acme", "--user", "ada") == [user]
    assert listed(acme, "--key", key) == of_key
    assert ("default", None, None, "concurrent", 1, "rule") in listed(acme)
    assert acme("limits", "list", "--key", key).splitlines()[1].split() == [
        "acme", "-", key, "requests_per_minute", "0", "rule",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tenant", "nowhere"], "There is no tenant 'nowhere'. Choose one of `ringfence tenants list`."),
        (["--user", "ada"], "There is no user 'ada' in 'default'. Choose one of `ringfence users list`."),
        (["--key", "nothing"], "There is no key 'nothing'. Choose one of `ringfence keys list`."),
        (["--user", "ada", "--key", "k"], "A limit is of a user or of a key. Give one of them, not both."),
    ],
)
@pytest.mark.parametrize("command", [["set", "concurrent=1"], ["remove", "concurrent"], ["list"]])
def test_who_does_not_exist_is_refused(acme: Ringfence, command: list[str], arguments: list[str], said: str) -> None:
    before = listed(acme)
    refused = acme.try_("limits", *command, *arguments)
    assert (refused.exit_code, refused.stderr) == (1, f"error: {said}\n")
    assert listed(acme) == before


def test_a_key_of_another_tenant_is_refused(acme: Ringfence, key: str) -> None:
    refused = acme.try_("limits", "set", "--tenant", "default", "--key", key, "concurrent=1")
    assert refused.stderr.startswith(f"error: There is no key '{key}' in 'default'.")


def test_nothing_is_removed_when_one_rule_is_not_there(acme: Ringfence) -> None:
    acme("limits", "set", "concurrent=1")
    refused = acme.try_("limits", "remove", "concurrent", "money_per_day")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("error: There is no rule for money_per_day of tenant default.")
    assert ("default", None, None, "concurrent", 1, "rule") in listed(acme)


def test_one_wrong_amount_sets_nothing(acme: Ringfence) -> None:
    before = listed(acme)
    assert acme.try_("limits", "set", "concurrent=1", "tokens_per_minute=1.5").exit_code == 2
    assert listed(acme) == before


def test_money_without_prices_is_told(acme: Ringfence) -> None:
    assert "limits.prices" in acme.try_("limits", "set", "money_per_day=1").stderr
    assert acme.try_("limits", "set", "concurrent=1").stderr == ""
    acme.file.write_text(acme.file.read_text() + "[limits.prices.m]\nprompt = 1\n")
    assert acme.try_("limits", "set", "money_per_day=1").stderr == ""


def test_a_rotated_key_keeps_its_limits(acme: Ringfence, key: str) -> None:
    acme("limits", "set", "--key", key, "concurrent=3")
    successor = json.loads(acme("keys", "rotate", key, "--json"))["id"]
    assert ("acme", None, successor, "concurrent", 3, "rule") in listed(acme, "--key", successor)


@pytest.mark.parametrize("of", ["tenant", "user", "key"])
def test_a_running_worker_follows_within_a_second(acme: Ringfence, key: str, of: str) -> None:
    whom = {"tenant": ["--tenant", "acme"], "user": ["--tenant", "acme", "--user", "ada"], "key": ["--key", key]}[of]
    asyncio.run(follow(acme, Caller(key), whom))


async def follow(ringfence: Ringfence, caller: Caller, whom: list[str]) -> None:
    settings = config.load(ringfence.file, {})
    database = open_database(settings)
    limits = Limits(database, settings.limits, "worker")
    await limits.start()
    try:
        assert await admits(limits, caller)
        await asyncio.to_thread(ringfence, "limits", "set", *whom, "tokens_per_minute=5")
        assert await seconds_until(limits, caller, False) < 1
        await asyncio.to_thread(ringfence, "limits", "remove", *whom, "tokens_per_minute")
        assert await seconds_until(limits, caller, True) < 1
    finally:
        await limits.close()
        await database.close()


async def seconds_until(limits: Limits, caller: Caller, admitted: bool) -> float:
    began = time.monotonic()
    async with asyncio.timeout(10):
        while await admits(limits, caller) is not admitted:
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def admits(limits: Limits, caller: Caller) -> bool:
    """A request larger than the limit that is set."""
    try:
        ticket = await limits.admit(caller, Estimate("m", 10, 0))
    except LimitExceeded:
        return False
    limits.settle(ticket, 0, 0)
    return True
