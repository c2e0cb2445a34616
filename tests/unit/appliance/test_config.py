from pathlib import Path

import pytest

from appliance.config import load
from appliance.errors import ConfigError
from appliance.settings import Settings


@pytest.fixture
def toml(tmp_path: Path):
    def write(text: str) -> Path:
        file = tmp_path / "r.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def refusal(file: Path | None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file, environment or {})
    return caught.value.message.replace(str(file), "r.toml")


def test_nothing_given_is_the_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load(None, {}) == Settings()


def test_the_file_in_the_working_directory_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ringfence.toml").write_text("[server]\nport = 9001")
    assert load(None, {}).server.port == 9001


def test_a_variable_names_the_file(toml):
    file = toml("[server]\nport = 9002")
    assert load(None, {"RINGFENCE_CONFIG": str(file)}).server.port == 9002


def test_the_environment_wins_over_the_file_and_leaves_the_rest(toml):
    settings = load(toml('[server]\nport = 1\nhost = "::1"'), {"RINGFENCE_SERVER_PORT": "9003"})
    assert (settings.server.port, settings.server.host) == (9003, "::1")


def test_every_kind_of_value_can_stand_in_the_environment():
    settings = load(
        None,
        {
            "RINGFENCE_SERVER_DRAIN_SECONDS": "2.5",
            "RINGFENCE_LOG_LEVEL": "debug",
            "RINGFENCE_PATHS_VAR": "/data",
            "RINGFENCE_AUDIT_ANCHOR": "/anchor",
            "RINGFENCE_LIMITS_PRICES": '{"m.1": {"prompt": 3}}',
            "RINGFENCE_ENGINES": '[{"name": "a", "kind": "llamacpp", "weights": "w", "embeds": true}]',
            "PATH": "/bin",
            "RINGFENCE_TEST_DATABASE_URL": "is for tests",
        },
    )
    assert settings.server.drain_seconds == 2.5
    assert settings.log.level == "debug"
    assert (settings.paths.var, settings.audit.anchor) == (Path("/data"), Path("/anchor"))
    assert settings.limits.prices["m.1"].prompt == 3
    assert settings.engines[0].embeds


def test_secrets_may_come_from_files(toml, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef" * 2 + "\n")
    file = toml(
        f'[identity]\npepper_file = "{secret}"\n'
        f'[[engines]]\nname = "v"\nkind = "vllm"\nurls = ["http://h:1"]\nkey_file = "{secret}"'
    )
    settings = load(file, {"RINGFENCE_AUDIT_KEY_FILE": str(secret)})
    assert settings.identity.pepper == settings.audit.key == settings.engines[0].key == "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\nprot = 1", "unknown key server.prot; the nearest known key is server.port."),
        ("port = 1", "unknown key port; the nearest known key is server.port."),
        ('[server]\nlevel = "info"', "unknown key server.level; the nearest known key is log.level."),
        (
            '[[engines]]\nname = "a"\nknid = "vllm"',
            "unknown key engines[0].knid; the nearest known key is engines[0].kind.",
        ),
        ("[paths]\nvar_file = 'x'", "unknown key paths.var_file; the nearest known key is paths.var."),
        ("[server]\nport = 'x'", "server.port is 'x'; allowed: a whole number from 0 to 65,535."),
        ("[server]\nport = true", "server.port is True; allowed: a whole number from 0 to 65,535."),
        ("server = 1", "server is 1; allowed: a table."),
        ("[log]\nlevel = 'loud'", 'allowed: one of "debug", "error", "info", "warning".'),
        ("[server]\ndrain_seconds = inf", "allowed: a number above 0, at most 86,400."),
        ("[server]\ndrain_seconds = nan", "allowed: a number above 0, at most 86,400."),
        ("[server]\nhost = ''", "allowed: text of 1 to 255 characters."),
        ("[paths]\nvar = ''", "paths.var is ''; allowed: a path."),
        ('[paths]\nvar = "a\\u0000b"', "allowed: a path."),
        ('[limits.prices."a.b"]\nprompt = -1', 'limits.prices."a.b".prompt is -1; allowed:'),
        ("[identity.jwt]\nalgorithms = ['HS256']", 'a list, each one of "ES256", "EdDSA", "RS256".'),
        ("[engines]\nname = 'a'", "engines is a table; allowed: a list, each a table."),
        ("engines = ['a']", "engines[0] is 'a'; allowed: a table."),
        ("[[engines]]\nname = 'a'", 'engines[0].kind is missing; allowed: one of "llamacpp", "vllm".'),
        ("[server", "not valid TOML:"),
        ("a = " + "[" * 5000, "not valid TOML:"),
    ],
)
def test_a_wrong_file_is_named_with_the_key_and_what_is_allowed(toml, text, message):
    refused = refusal(toml(text))
    assert refused.startswith("r.toml: ")
    assert message in refused
    assert refused.endswith(".")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"RINGFENCE_PORT": "1"},
            "unknown key RINGFENCE_PORT; the nearest known key is RINGFENCE_SERVER_PORT.",
        ),
        ({"RINGFENCE_SERVER_PORT": "x"}, "RINGFENCE_SERVER_PORT is 'x'; allowed: a whole number from"),
        (
            {"RINGFENCE_SERVER_PORT": "65536"},
            "RINGFENCE_SERVER_PORT is '65536'; allowed: a whole number from",
        ),
        ({"RINGFENCE_LOG_FORMAT": "xml"}, 'allowed: one of "auto", "console", "json".'),
        ({"RINGFENCE_ENGINES": "x"}, "RINGFENCE_ENGINES is not valid JSON"),
        ({"RINGFENCE_ENGINES": '[{"knid": 1}]'}, "the nearest known key is RINGFENCE_ENGINES[0].kind."),
        ({"RINGFENCE_PATHS_VAR_FILE": "x"}, "unknown key RINGFENCE_PATHS_VAR_FILE"),
        ({"RINGFENCE_AUDIT_KEY_FILE": "/nowhere/at/all"}, "cannot read /nowhere/at/all: No such file"),
        ({"RINGFENCE_AUDIT_KEY": "k" * 32, "RINGFENCE_AUDIT_KEY_FILE": "f"}, "Remove one of the two."),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_allowed(environment, message):
    refused = refusal(None, environment)
    assert refused.startswith("environment: ")
    assert message in refused


def test_a_contradiction_names_both_sources_when_both_were_read(toml):
    refused = refusal(toml("[server]\nport = 9000"), {"RINGFENCE_METRICS_PORT": "9000"})
    assert refused.startswith("r.toml and environment: metrics.port is 9000, as is server.port.")


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_secret_file_without_a_secret_is_refused(toml, tmp_path, content):
    (tmp_path / "secret").write_bytes(content)
    refused = refusal(toml(f'[audit]\nkey_file = "{tmp_path}/secret"'))
    assert "audit.key_file" in refused


def test_a_secret_beside_its_file_is_refused(toml):
    assert "Remove one of the two." in refusal(toml('[audit]\nkey = "0123456789abcdef"\nkey_file = "x"'))


@pytest.mark.parametrize(
    "text",
    [
        "[audit]\nkey = 4242424242",
        "[audit]\nkey = ['4242424242']",
        "[audit]\nkey = {a = '4242424242'}",
        "engines = {name = 'a', key = '4242424242'}",
        "server = [{key = '4242424242'}]",
        "[database]\nurl = 'mysql://u:4242424242@h/d'",
    ],
)
def test_a_message_never_shows_a_secret(toml, text):
    assert "4242424242" not in refusal(toml(text))


def test_a_long_value_is_cut(toml):
    assert "a" * 100 not in refusal(toml(f"[log]\nlevel = '{'a' * 10_000}'"))


def test_a_secret_file_needs_a_path(toml):
    assert "allowed: a path." in refusal(toml('[audit]\nkey_file = "a\\u0000b"'))
    assert "allowed: a path." in refusal(toml("[audit]\nkey_file = 1"))


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path):
    assert "No such file" in refusal(tmp_path / "r.toml")
    assert "Is a directory" in refusal(tmp_path)
    assert "--config" in refusal(tmp_path)
