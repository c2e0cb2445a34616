"""The commands against a real database."""

import asyncio
import json
from pathlib import Path

import pytest

from appliance import config
from appliance.audit import Entry, Ledger
from appliance.db import open_database
from appliance.keyring import open_keyring
from tests.integration.api.cli.commands import Ringfence


@pytest.fixture
def ringfence(tmp_path: Path) -> Ringfence:
    return Ringfence(tmp_path)


@pytest.fixture
def begun(ringfence: Ringfence) -> Ringfence:
    ringfence("init")
    return ringfence


def test_init_makes_everything_once(ringfence: Ringfence) -> None:
    first = ringfence.try_("init")
    assert first.exit_code == 0
    key = (ringfence.var / "admin.key").read_text()
    assert (ringfence.var / "admin.key").stat().st_mode & 0o777 == 0o600
    assert key.strip() not in first.output
    second = ringfence.try_("init")
    assert (second.exit_code, second.output) == (0, "")
    assert (ringfence.var / "admin.key").read_text() == key


def test_tenants(begun: Ringfence) -> None:
    begun("tenants", "create", "north")
    begun("tenants", "disable", "north")
    disabled = {row["id"]: row["disabled_at"] is not None for row in begun.rows("tenants", "list")}
    assert disabled == {"default": False, "north": True}
    begun("tenants", "enable", "north")
    assert all(row["disabled_at"] is None for row in begun.rows("tenants", "list"))


def test_users(begun: Ringfence) -> None:
    begun("users", "create", "ada", "--role", "agent")
    begun("users", "disable", "ada")
    (ada,) = begun.rows("users", "list")
    assert (ada["tenant"], ada["id"], ada["role"]) == ("default", "ada", "agent")
    assert ada["disabled_at"]
    begun("users", "enable", "ada")
    assert "ada" in begun("users", "list", "--tenant", "default")
    assert begun.rows("users", "list", "--tenant", "other") == []


def test_a_key_is_shown_once_and_never_again(begun: Ringfence) -> None:
    text = begun(
        "keys", "create", "--name", "portal", "--model", "m", "--scope", "inference", "--expires", "90d"
    ).strip()
    assert text.startswith("rf_")
    (row,) = [row for row in begun.rows("keys", "list") if row["name"] == "portal"]
    assert (row["models"], row["scopes"], row["role"]) == (["m"], ["inference"], "service")
    assert row["expires_at"]
    assert text not in begun("keys", "list")
    assert text not in begun("keys", "list", "--json")


def test_a_key_is_rotated_and_revoked(begun: Ringfence) -> None:
    old = begun.rows("keys", "create", "--name", "portal")
    new = begun.rows("keys", "rotate", old["id"], "--overlap", "1h")
    assert new["key"] != old["key"]
    begun("keys", "revoke", new["id"])
    keys = {row["id"]: row for row in begun.rows("keys", "list")}
    assert keys[old["id"]]["successor"] == new["id"]
    assert keys[new["id"]]["revoked_at"]


def test_what_cannot_be_is_refused_with_a_remedy(begun: Ringfence) -> None:
    refused = begun.try_("keys", "revoke", "nothing")
    assert refused.exit_code == 1
    assert refused.stderr == "error: There is no key 'nothing'. Choose one of `ringfence keys list`.\n"


def test_a_database_moves_up_and_down(begun: Ringfence) -> None:
    head = begun.rows("db", "status")["head"]
    begun("db", "downgrade", "base", "--yes")
    assert begun.rows("db", "status")["current"] is None
    assert "ringfence db upgrade" in begun.try_("tenants", "list").stderr
    begun("db", "upgrade")
    assert begun.rows("db", "status") == {"current": head, "head": head}


def test_a_new_ledger_verifies_and_exports_nothing(begun: Ringfence) -> None:
    assert not (begun.var / "audit.anchor").exists()
    assert begun("audit", "verify").startswith("Nothing was recorded yet")
    assert begun("audit", "export", "--since", "2026-01-01") == ""


def test_a_missing_anchor_shows_once_something_was_recorded(begun: Ringfence) -> None:
    asyncio.run(record(begun))
    assert "as it was written: 1 entries" in begun("audit", "verify")
    (begun.var / "audit.anchor").unlink()
    verified = begun.try_("audit", "verify")
    assert verified.exit_code == 1
    assert "anchor" in verified.stdout


def test_a_ledger_emptied_behind_its_anchor_shows(begun: Ringfence) -> None:
    asyncio.run(record(begun))
    begun("db", "downgrade", "base", "--yes")
    begun("db", "upgrade")
    verified = begun.try_("audit", "verify")
    assert verified.exit_code == 1
    assert "truncated" in verified.stdout


async def record(ringfence: Ringfence) -> None:
    """One entry, as a worker writes it."""
    settings = config.load(ringfence.file, {})
    database = open_database(settings)
    key = open_keyring(settings).audit
    ledger = Ledger(database, settings.audit, key, ringfence.var / "audit.anchor", "worker")
    await ledger.start()
    ledger.record("default", Entry(action="chat"))
    await ledger.close()
    await database.close()


def test_doctor_says_what_is_wrong(begun: Ringfence) -> None:
    (begun.var / "audit.key").chmod(0o644)
    examined = begun.try_("doctor", "--json")
    assert examined.exit_code == 1
    state = {finding["name"]: finding["state"] for finding in json.loads(examined.stdout)}
    assert state["database"] == "ok"
    assert state["audit.key"] == "fail"
    assert state["elsewhere"] == "fail"
    assert "chmod 600" in begun.try_("doctor").stdout


def test_doctor_says_which_engines_stand_in_a_cloud(tmp_path: Path) -> None:
    there = '[[engines]]\nname = "overflow"\nkind = "vllm"\nplace = "cloud"\nurls = ["http://127.0.0.1:9"]\n'
    findings = json.loads(Ringfence(tmp_path, there).try_("doctor", "--json").stdout)
    (found,) = [each for each in findings if each["name"] == "cloud"]
    assert found["state"] == "ok" and "overflow stands in one" in json.dumps(found)


def test_doctor_makes_no_new_secret_in_place_of_a_lost_one(begun: Ringfence) -> None:
    (begun.var / "audit.key").unlink()
    assert begun.try_("doctor").exit_code == 1
    assert not (begun.var / "audit.key").exists()


def test_the_shelf_is_listed(begun: Ringfence) -> None:
    here = {row["name"]: row["here"] for row in begun.rows("models", "list")}
    assert here["smollm2-135m-instruct"] is False
    assert begun.try_("models", "pull", "gpt-9").exit_code == 1
