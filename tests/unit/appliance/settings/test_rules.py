import msgspec
import pytest

from appliance.settings import EngineSettings, Models, Settings
from appliance.settings.rules import PLACEHOLDER, contradictions

VLLM = EngineSettings(name="a", kind="vllm", urls=("http://10.0.0.5:8000",))
LLAMA = EngineSettings(name="b", kind="llamacpp", weights="w.gguf")


def changed(path: str, value: object) -> Settings:
    """The defaults with one setting changed, as the file would."""
    tree = msgspec.to_builtins(Settings(), enc_hook=str)
    section = tree
    *names, last = path.split(".")
    for name in names:
        section = section[name]
    section[last] = value
    return msgspec.convert(tree, Settings, dec_hook=lambda kind, text: kind(text))


def problems(settings: Settings) -> dict[str, str]:
    return dict(contradictions(settings))


def test_the_defaults_and_both_kinds_of_engine_are_in_order():
    assert problems(Settings()) == {}
    assert problems(Settings(engines=(VLLM, LLAMA))) == {}
    assert problems(Settings(engines=(msgspec.structs.replace(VLLM, embeds=True),))) == {}


@pytest.mark.parametrize(
    ("engines", "key", "words"),
    [
        ((VLLM, LLAMA, msgspec.structs.replace(LLAMA, name="a")), "engines[2].name", "as is engines[0].name"),
        ((EngineSettings(name="a", kind="vllm"),), "engines[0].urls", "is missing"),
        ((EngineSettings(name="a", kind="llamacpp"),), "engines[0].weights", "is missing"),
        ((msgspec.structs.replace(VLLM, weights="w"),), "engines[0].weights", "means nothing"),
        ((VLLM, msgspec.structs.replace(LLAMA, urls=("http://h",))), "engines[1].urls", "means nothing"),
        ((msgspec.structs.replace(LLAMA, place="cloud"),), "engines[0].place", "means nothing"),
        ((msgspec.structs.replace(VLLM, slots=9),), "engines[0].slots", "means nothing"),
        ((msgspec.structs.replace(VLLM, key=PLACEHOLDER),), "engines[0].key", "Give the secret"),
    ],
)
def test_engines_that_cannot_work_are_named(engines, key, words):
    found = problems(Settings(engines=engines))
    assert list(found) == [key]
    assert words in found[key]


@pytest.mark.parametrize(
    "url",
    ["10.0.0.5:8000", "ftp://h", "http://", "http://h:x", "http://h:0", "http://u:p@h", "http://[::1", ""],
)
def test_an_engine_needs_the_address_of_a_server(url):
    found = problems(Settings(engines=(msgspec.structs.replace(VLLM, urls=("http://h", url)),)))
    assert list(found) == ["engines[0].urls[1]"]


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("database.url", "postgres://h/d", "database.url"),
        ("database.url", "postgresql://h/d", "database.url"),
        ("database.url", "nonsense", "database.url"),
        ("database.url", PLACEHOLDER, "database.url"),
        ("metrics.port", 8080, "metrics.port"),
        ("trace.endpoint", "collector:4318", "trace.endpoint"),
        ("models.hub", "hub.example", "models.hub"),
        ("models.hub", "https://user:password@hub.example", "models.hub"),
        ("trace.endpoint", "http://user:password@collector", "trace.endpoint"),
        ("identity.jwt.issuer", "https://issuer", "identity.jwt.keys_file"),
        ("identity.jwt.keys_file", "keys.json", "identity.jwt.issuer"),
        ("identity.jwt.algorithms", [], "identity.jwt.algorithms"),
        ("identity.jwt.audience", "", "identity.jwt.audience"),
        ("identity.pepper", "short", "identity.pepper"),
        ("audit.key", PLACEHOLDER, "audit.key"),
    ],
)
def test_settings_that_do_not_go_together_are_named(path, value, key):
    found = problems(changed(path, value))
    assert key in found
    assert found[key].endswith(".")


def test_two_ports_that_the_kernel_chooses_are_no_contradiction():
    assert problems(changed("server.port", 0)) == {}


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:p@h/d", "sqlite+aiosqlite:///x.db", ""])
def test_both_drivers_are_accepted(url):
    assert problems(changed("database.url", url)) == {}


@pytest.mark.parametrize(
    ("hub", "keys"),
    [
        ("http://hub.example", ["models.hub"]),
        ("https://hub.example", []),
        ("http://127.0.0.1:9", []),
        ("http://localhost", []),
    ],
)
def test_a_token_does_not_travel_unencrypted(hub, keys):
    assert list(problems(Settings(models=Models(hub=hub, token="t")))) == keys
    assert problems(Settings(models=Models(hub=hub))) == {}
