import re
from pathlib import Path

import pytest

from appliance.errors import ConfigError
from models.shelf import shelf
from models.shelf.reading import rows
from models.shelf.rows import weight_bytes

ROW = """\
[[model]]
name = "own-7b"
purpose = "chat"
about = "Ours."
good_for = "Tests."
licence = "MIT"
context = 4096
builds = [{ precision = "bf16", repository = "us/own-7b", bytes = 14_000_000_000 }]

[model.architecture]
kind = "decoder"
layers = 32
hidden = 4096
intermediate = 11008
heads = 32
kv_heads = 32
head_size = 128
vocabulary = 32000
"""


def read(text: str) -> None:
    list(rows(text, "own.toml"))


def test_a_row_of_the_operators_joins_ours(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text(ROW)
    assert shelf(file).keys() - shelf().keys() == {"own-7b"}
    assert shelf(file)["own-7b"].builds[0].repository == "us/own-7b"


def test_a_row_of_the_operators_stands_in_for_ours(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text(ROW.replace("own-7b", "llama-3.1-8b-instruct"))
    assert shelf(file)["llama-3.1-8b-instruct"].about == "Ours."
    assert shelf(file).keys() == shelf().keys()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("layers = 32", "layrs = 32"), "unknown key model.own-7b.architecture.layrs; the nearest known key is "
         "model.own-7b.architecture.layers"),
        (("layers = 32\n", ""), "model.own-7b.architecture.layers is missing; allowed: a whole number"),
        (("layers = 32", 'layers = "32"'), "model.own-7b.architecture.layers is '32'; allowed: a whole number"),
        (("context = 4096", "contxt = 4096"), "unknown key model.own-7b.contxt; the nearest known key is "
         "model.own-7b.context"),
        (('"chat"', '"talk"'), 'model.own-7b.purpose is \'talk\'; allowed: one of "chat"'),
        (('precision = "bf16"', 'precision = "fp4"'), "model.own-7b.builds[0].precision is 'fp4'"),
        (("repository", "repo"), "unknown key model.own-7b.builds[0].repo; the nearest known key is "
         "model.own-7b.builds[0].repository"),
        (("[model.architecture]\n", "[model.architecture]\nlatent = -1\n"), "model.own-7b.architecture.latent is -1"),
        (('name = "own-7b"', 'name = "Own 7B"'), 'model."Own 7B".name is'),
        (('name = "own-7b"\n', ""), "model[0].name is missing"),
        (("[[model]]", "[[modle]]"), "unknown key modle; the nearest known key is model"),
        (("[[model]]", "[model]"), "model is a table; allowed: a list"),
        (('"us/own-7b", bytes = 14_000_000_000 }]', "]"), "not valid TOML"),
        (('builds = [{ precision = "bf16", repository = "us/own-7b", bytes = 14_000_000_000 }]', "builds = []"),
         "model.own-7b.builds is a list; allowed: a list"),
    ],
)  # fmt: skip
def test_a_broken_row_is_told_by_file_row_and_key(change: tuple[str, str], told: str):
    text = ROW.replace(*change)
    assert text != ROW
    with pytest.raises(ConfigError, match=re.escape(told)) as error:
        read(text)
    assert error.value.message.startswith("own.toml: ")


def test_two_rows_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="two rows are called own-7b"):
        read(ROW + ROW)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"paths\.shelf"):
        shelf(tmp_path / "nothing.toml")
    (tmp_path / "latin.toml").write_bytes(b'about = "\xfc"')
    with pytest.raises(ConfigError, match="UTF-8"):
        shelf(tmp_path / "latin.toml")


def test_the_row_in_the_guide_is_one():
    guide = (Path(__file__).parents[4] / "docs/how-to/choose-a-model.md").read_text(encoding="utf-8")
    [model] = rows(guide.split("```text\n")[1].split("```")[0], "the guide")
    assert model.builds[0].bytes == weight_bytes(model.architecture, "bf16")
