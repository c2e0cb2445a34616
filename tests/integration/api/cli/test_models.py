"""Models and bundles on the command line, with a hub on loopback and the real files of the starter models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import spec, starter
from tests.integration.api.cli.commands import Ringfence
from tests.integration.models.hub_server import REPOSITORY, HubState, safetensors, serving

WEIGHTS = safetensors(100_000)
STARTERS = ("smollm2-135m-instruct", "all-minilm-l6-v2")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubState]:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "model.safetensors").write_bytes(WEIGHTS)
    (tmp_path / "hub" / "config.json").write_bytes(b"{}")
    with serving(HubState(tmp_path / "hub")) as state:
        yield state


def ringfence(folder: Path, settings: str = "") -> Ringfence:
    folder.mkdir()
    return Ringfence(folder, settings)


def with_starters(var: Path, starter_var: Path) -> None:
    """The starter models, as `ringfence init` leaves them."""
    for name in STARTERS:
        target = spec.find(name).path(var)
        target.parent.mkdir(parents=True)
        target.write_bytes(spec.find(name).path(starter_var).read_bytes())


def test_a_model_is_pulled_listed_verified_and_removed(hub: HubState, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hub-token\n")
    hub.token = "hub-token"
    begun = ringfence(tmp_path / "a", f'[models]\nhub = "{hub.url}"\ntoken_file = "{tmp_path}/token"\n')
    folder = Path(begun("models", "pull", REPOSITORY).strip())
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert folder.name == "tiny-model"
    (row,) = [row for row in begun.rows("models", "list") if row["name"] == "tiny-model"]
    assert (row["licence"], row["here"]) == ("apache-2.0", True)
    assert {row["state"] for row in begun.rows("models", "verify")} == {"ok"}
    (folder / "config.json").unlink()
    broken = begun.try_("models", "verify", "tiny-model")
    assert broken.exit_code == 1
    assert "config.json        missing" in broken.output
    assert "Not whole: tiny-model. Mend each with `ringfence models pull`." in broken.stderr
    begun("models", "pull", REPOSITORY)
    assert begun("models", "remove", "tiny-model", "--yes").startswith("Removed tiny-model: 100 kB freed")
    assert not folder.exists()
    assert begun("models", "gc").startswith("Removed ")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["gpt-9"], "OWNER/NAME, or a folder with --from"),
        (["acme/x"], "Set models.hub"),
        (["x", "--from", "/nowhere"], "/nowhere is no folder"),
        (["a/..", "--from", "/nowhere"], "'..' is no name of a model"),
    ],
)
def test_what_cannot_be_pulled(tmp_path: Path, arguments: list[str], remedy: str) -> None:
    refused = ringfence(tmp_path / "a").try_("models", "pull", *arguments)
    assert refused.exit_code == 1
    assert remedy in refused.stderr


def test_a_gated_model_names_the_remedy_and_not_the_token(hub: HubState, tmp_path: Path) -> None:
    hub.token = "another"
    begun = ringfence(tmp_path / "a", f'[models]\nhub = "{hub.url}"\ntoken = "of-nobody"\n')
    refused = begun.try_("models", "pull", REPOSITORY)
    assert refused.exit_code == 1
    assert "accept the licence" in refused.stderr
    assert "of-nobody" not in refused.output


def test_starter_models_travel_to_a_machine_without_internet(starter_var: Path, tmp_path: Path) -> None:
    sender, receiver = ringfence(tmp_path / "a"), ringfence(tmp_path / "b")
    with_starters(sender.var, starter_var)
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "modem.md").write_text("# Modem\n")
    sender("bundle", "key", str(tmp_path / "key"))
    models = [word for name in STARTERS for word in ("--model", name)]
    packed = sender(
        "bundle", "export", str(tmp_path / "first.bundle"), "--key", str(tmp_path / "key"), *models,
        "--add", f"knowledge={tmp_path}/guides", "--part-size", "60MB",
    ).split()  # fmt: skip
    assert [Path(each).name for each in packed] == ["first.bundle.001", "first.bundle.002", "first.bundle.003"]
    overview = receiver.rows("bundle", "inspect", *packed)
    assert (overview["name"], overview["trusted"], overview["base"]) == ("first", False, "")
    assert [row["name"] for row in overview["rows"]] == [*STARTERS, "knowledge", "sbom.cdx.json"]

    untrusted = receiver.try_("bundle", "import", *packed)
    assert (untrusted.exit_code, receiver.var.exists()) == (1, False)
    assert "No key is trusted" in untrusted.stderr
    incomplete = receiver.try_("bundle", "import", *packed[:2], "--key", str(tmp_path / "key.pub"))
    assert (incomplete.exit_code, receiver.var.exists()) == (1, False)
    assert "Part 3 of 3 is missing" in incomplete.stderr

    receiver("bundle", "import", *packed, "--key", str(tmp_path / "key.pub"))
    assert all(starter.is_present(name, receiver.var) for name in STARTERS)
    assert (receiver.var / "bundles" / "first" / "knowledge" / "modem.md").read_text() == "# Modem\n"
    assert receiver.rows("bundle", "import", *packed, "--key", str(tmp_path / "key.pub"))["written"] == 0


def test_the_next_bundle_carries_what_is_new(hub: HubState, tmp_path: Path) -> None:
    sender = ringfence(tmp_path / "a", f'[models]\nhub = "{hub.url}"\n')
    sender("bundle", "key", str(tmp_path / "key"))
    keys = ["--key", str(tmp_path / "key")]
    sender("models", "pull", REPOSITORY)
    sender("bundle", "export", str(tmp_path / "1"), *keys, "--model", "tiny-model")
    (hub.folder / "config.json").write_bytes(b'{"new": true}')
    sender("models", "pull", REPOSITORY)
    since = ["--since", str(tmp_path / "1.manifest.json")]
    sender("bundle", "export", str(tmp_path / "2"), *keys, "--model", "tiny-model", *since)
    assert (tmp_path / "2").stat().st_size < 20_000

    receiver = ringfence(tmp_path / "b", f'[bundles]\nkeys = ["{tmp_path}/key.pub"]\n')
    assert "Import the bundle" in receiver.try_("bundle", "import", str(tmp_path / "2")).stderr
    receiver("bundle", "import", str(tmp_path / "1"))
    assert receiver("bundle", "inspect", str(tmp_path / "2"), "--check").endswith("had.\n")
    receiver("bundle", "import", str(tmp_path / "2"))
    folder = receiver.var / "models" / "tiny-model"
    assert (folder / "config.json").read_bytes() == b'{"new": true}'
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


def test_wrong_arguments_say_what_is_right(tmp_path: Path) -> None:
    begun = ringfence(tmp_path / "a")
    begun("bundle", "key", str(tmp_path / "key"))
    out, keys = str(tmp_path / "x"), ["--key", str(tmp_path / "key")]
    assert "the kinds are packages" in begun.try_("bundle", "export", out, *keys, "--add", "code=x").stderr
    assert "is no file and no folder" in begun.try_("bundle", "export", out, *keys, "--add", "images=/no").stderr
    assert "No model 'x' is in the store" in begun.try_("bundle", "export", out, *keys, "--model", "x").stderr
    assert begun.try_("bundle", "export", out, *keys, "--part-size", "many").exit_code == 2


ROW = """\
[[model]]
name = "tiny"
purpose = "chat"
about = "A tiny model."
good_for = "Tests."
licence = "MIT"
context = 512
builds = [
  { precision = "bf16", repository = "acme/Other", bytes = 200_000 },
  { precision = "fp8", repository = "acme/Tiny-Model", bytes = 100_000 },
]

[model.architecture]
kind = "decoder"
layers = 1
hidden = 64
intermediate = 128
heads = 2
kv_heads = 1
head_size = 32
vocabulary = 100
"""


def test_a_model_of_the_shelf_is_pulled_by_its_name(hub: HubState, tmp_path: Path) -> None:
    (tmp_path / "shelf.toml").write_text(ROW)
    begun = ringfence(tmp_path / "a", f'[models]\nhub = "{hub.url}"\n')
    settings = begun.file.read_text().replace("[paths]\n", f'[paths]\nshelf = "{tmp_path}/shelf.toml"\n')
    begun.file.write_text(settings)
    assert "has no acme/Other" in begun.try_("models", "pull", "tiny").stderr
    assert "Choose one of: bf16, fp8" in begun.try_("models", "pull", "tiny", "--precision", "int4").stderr
    assert "is not on the shelf" in begun.try_("models", "pull", REPOSITORY, "--precision", "fp8").stderr
    folder = Path(begun("models", "pull", "tiny", "--precision", "fp8").strip())
    assert (folder.name, (folder / "model.safetensors").read_bytes()) == ("tiny-fp8", WEIGHTS)
    assert {row["name"]: row["here"] for row in begun.rows("models", "list")}["tiny"]
