"""The documents: links lead somewhere; settings, programs and commands in examples are what they seem."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.cli import main
from api.cli.reference import page as commands_page
from appliance.config import load
from appliance.errors import ConfigError
from appliance.settings import EngineSettings, Settings
from appliance.settings.outline import leaves
from tests.architecture.source import ROOT, tracked

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
KEY = re.compile(r"`((?:" + "|".join(Settings.__struct_fields__) + r")(?:\[\])?\.[a-z_.]+)`")
SECRET = "postgresql+psycopg://a-secret-that-is-long-enough@host/name"

PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in tracked() if name.endswith(".md")}


def broken_links(name: str, text: str) -> Iterator[str]:
    for target in LINK.findall(text):
        if "://" not in target and not (ROOT / name).parent.joinpath(target).exists():
            yield f"{name}: {target}"


def blocks(language: str) -> list[tuple[str, str]]:
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(name, code) for name, text in PAGES.items() for code in fence.findall(text)]


def configured(code: str, folder: Path) -> Settings:
    """The settings, with a file for each secret that the example keeps in one."""
    (folder / "secret").write_text(SECRET)
    (folder / "ringfence.toml").write_text(
        re.sub(r'(key|pepper|url|token)_file = "[^"]*"', rf'\1_file = "{folder}/secret"', code)
    )
    return load(folder / "ringfence.toml", {})


def test_every_link_leads_somewhere():
    assert [found for name, text in PAGES.items() for found in broken_links(name, text)] == []


def test_a_broken_link_is_seen():
    text = "[a](README.md) [b](docs/nowhere.md#part) [c](https://elsewhere)"
    assert list(broken_links("x.md", text)) == ["x.md: docs/nowhere.md"]


@pytest.mark.parametrize(("page", "code"), blocks("toml"))
def test_settings_in_examples_are_valid(page, code, tmp_path):
    assert configured(code, tmp_path) != Settings()


def test_a_wrong_setting_is_seen(tmp_path):
    with pytest.raises(ConfigError):
        configured("[server]\nprot = 1", tmp_path)


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_programs_in_examples_are_programs(page, code):
    compile(code, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_settings_named_in_the_text_exist():
    known = {leaf.key for leaf in leaves()} | {f"engines.{leaf.key}" for leaf in leaves(EngineSettings)}
    # The architecture names the calls of a request in the same way.
    texts = [text for name, text in PAGES.items() if name != "docs/architecture.md"]
    named = {key.replace("[]", "") for text in texts for key in KEY.findall(text)}
    assert len(named) > 12
    assert named - known == set()


def commands(code: str) -> Iterator[list[str]]:
    """The arguments of each `$ ringfence …`, without what the shell takes of the line."""
    for line in re.findall(r"^\$ ringfence (.*)$", code, re.MULTILINE):
        yield shlex.split(re.split(r" [|>] ", line)[0], comments=True)


def parse(arguments: list[str]) -> None:
    """As `ringfence` would, up to where it would begin."""
    command: click.Command = main
    parent = None
    while isinstance(command, click.Group):
        parent = command.make_context("ringfence", list(arguments), parent)
        _, inner, arguments = command.resolve_command(parent, [*parent._protected_args, *parent.args])
        assert inner is not None
        command = inner
    command.make_context("ringfence", list(arguments), parent)


EXAMPLES = [(page, each) for page, code in blocks("console") for each in commands(code)]


@pytest.mark.parametrize(("page", "arguments"), EXAMPLES)
def test_commands_in_examples_are_commands(page, arguments):
    parse(arguments)


@pytest.mark.parametrize("line", ["key list", "keys lst", "keys list --tennant a", "keys rotate", "limits set a=1"])
def test_a_wrong_command_is_seen(line):
    assert len(EXAMPLES) > 10
    with pytest.raises(click.UsageError):
        parse(next(commands(f"$ ringfence {line}  # explained\n")))


def test_the_page_of_commands_is_current():
    assert PAGES["docs/reference/cli.md"] == commands_page(), "run: python -m api.cli.reference > docs/reference/cli.md"
