import tomllib
from pathlib import Path

import msgspec
import pytest

from appliance.config import load
from appliance.errors import ConfigError
from appliance.settings import EngineSettings, Presidio, PresidioOperator, Privacy, Settings
from appliance.settings.outline import leaves
from appliance.settings.text import page, shown, to_toml

SECRET = "postgresql+psycopg://user:hunter2@h/d"


def test_the_defaults_read_back_as_themselves(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text(to_toml(shown(Settings())))
    assert load(file, {}) == Settings()


def test_secrets_are_hidden_wherever_they_stand_and_the_mark_is_not_taken_for_one(tmp_path):
    engine = EngineSettings(name="v", kind="vllm", urls=("http://h",), key="sk-engine")
    operators = {"URL": PresidioOperator(type="hash", salt="a-salt-that-nobody-may-see")}
    privacy = Privacy(presidio=Presidio(operators=operators))
    database = msgspec.structs.replace(Settings().database, url=SECRET)
    text = to_toml(shown(Settings(engines=(engine,), database=database, privacy=privacy)))
    assert "hunter2" not in text
    assert "sk-engine" not in text
    assert "nobody-may-see" not in text
    assert tomllib.loads(text)["database"]["url"] == tomllib.loads(text)["engines"][0]["key"] == "********"
    file = tmp_path / "r.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="Give the secret"):
        load(file, {})


def test_the_plain_tree_is_json():
    assert msgspec.json.decode(msgspec.json.encode(shown(Settings()))) == shown(Settings())


def test_every_setting_is_described_and_every_secret_is_marked():
    everything = [*leaves(), *leaves(EngineSettings)]
    assert [leaf.key for leaf in everything if not leaf.text.endswith(".")] == []
    assert {leaf.key for leaf in everything if leaf.secret} == {
        "database.url",
        "identity.pepper",
        "audit.key",
        "privacy.key",
        "knowledge.weaviate.key",
        "models.token",
        "key",
    }


def test_no_two_settings_share_a_variable():
    variables = [leaf.variable for leaf in leaves()]
    files = [f"{leaf.variable}_FILE" for leaf in leaves() if leaf.secret]
    assert len({*variables, *files}) == len(variables) + len(files)


def test_the_page_names_every_setting():
    text = page()
    for leaf in leaves():
        assert f"`{leaf.variable}`" in text
        assert leaf.text in text


def test_a_setting_stands_under_the_head_of_its_own_table():
    heads = {}
    for line in page().splitlines():
        if line.startswith("## "):
            head = line
        elif line.startswith("**`"):
            heads.setdefault(line.split("`")[1], []).append(head)
    assert heads["deadline_seconds"] == ["## `[privacy]`"]
    assert heads["phone_regions"] == ["## `[privacy]`", "## `[privacy.tenants.NAME]`"]
    assert heads["policy.mode"] == ["## `[privacy.tenants.NAME]`"]


def test_the_page_in_the_docs_is_current():
    file = Path(__file__).parents[4] / "docs/reference/settings.md"
    assert file.read_text() == page(), "run: python -m appliance.settings.text > docs/reference/settings.md"
