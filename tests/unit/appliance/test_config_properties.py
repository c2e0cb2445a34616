"""Random trees: whatever a file or a variable holds, the answer is a Settings tree or a ConfigError."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.config import load
from appliance.errors import ConfigError
from appliance.settings import EngineSettings, Settings
from appliance.settings.outline import leaves
from appliance.settings.rules import PLACEHOLDER
from appliance.settings.text import shown, to_toml

# The first draw of text builds a table of Unicode, which a busy machine does not do in the usual time.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LEAVES = [*leaves()]
NAMES = sorted({name for leaf in LEAVES for name in leaf.path} | {leaf.path[0] for leaf in leaves(EngineSettings)})
words = st.text(max_size=8) | st.sampled_from(["vllm", "llamacpp", "info", "http://h", "a" * 200, "RS256", "\0"])
scalars = words | st.integers() | st.floats() | st.booleans() | st.dates()
names = st.sampled_from(NAMES) | st.sampled_from(["key_file", "pepper_file", "url_file"]) | st.text(max_size=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
sections = st.dictionaries(st.sampled_from([*Settings.__struct_fields__]), values, max_size=4)


def toml_of(tree: dict[str, object]) -> str:
    return "\n".join(f"{json.dumps(name)} = {inline(value)}" for name, value in tree.items())


def inline(value: object) -> str:
    """One value as inline TOML."""
    if isinstance(value, dict):
        inner = ", ".join(f"{quoted(name)} = {inline(each)}" for name, each in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value) if isinstance(value, str) else str(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def tried(text: str, environment: dict[str, str] | None = None) -> Settings | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "r.toml"
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            return load(file, environment or {})
        except ConfigError as error:
            assert error.message.endswith(".")
            return None


@patient
@given(sections)
def test_a_random_tree_is_read_or_refused(tree):
    tried(toml_of(tree))


@patient
@given(st.text(max_size=60))
def test_random_text_is_read_or_refused(text):
    tried(text)


@patient
@given(st.sampled_from([leaf.variable for leaf in LEAVES]), words | scalars.map(str) | values.map(repr))
def test_a_random_variable_is_read_or_refused(variable, text):
    tried("", {variable: text})


@patient
@given(sections)
def test_what_was_read_is_shown_and_read_back(tree):
    read = tried(toml_of(tree))
    if read is not None and not secrets_in(read):
        assert tried(to_toml(shown(read))) == read


@patient
@given(
    st.dictionaries(st.text(max_size=5), st.integers(0, 9), max_size=3),
    st.text(min_size=1, max_size=64),
    st.floats(0.001, 86_400),
)
def test_odd_names_and_numbers_survive_being_shown(prices, name, seconds):
    engine = {"name": name, "kind": "llamacpp", "weights": name, "silence_seconds": seconds}
    tree = {
        "limits": {"prices": {model: {"prompt": price} for model, price in prices.items()}},
        "engines": [engine],
    }
    read = tried(toml_of(tree))
    assert read is not None
    assert read.engines[0].silence_seconds == seconds
    assert tried(to_toml(shown(read))) == read


def secrets_in(tree: Settings) -> bool:
    return PLACEHOLDER in to_toml(shown(tree))
