from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.cli.root import COMMANDS


def ringfence(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    shown = ringfence(name, "--help")
    assert shown.exit_code == 0, shown.output
    assert f"Usage: main {name}" in shown.output
    assert len(shown.output.splitlines()) > 4


def test_the_overview_names_every_command() -> None:
    shown = ringfence("--help").output
    assert [name for name in COMMANDS if name not in shown] == []


def test_an_unknown_command_is_an_error() -> None:
    assert ringfence("serv").exit_code == 2


def test_wrong_settings_exit_with_2_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text("[server]\nprot = 1\n")
    failed = ringfence("--config", str(file), "config", "check")
    assert failed.exit_code == 2
    assert failed.stderr.startswith("error: ")
    assert "the nearest known key is server.port" in failed.stderr
    assert "Traceback" not in failed.output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("thresholds = { IP_ADRESS = 0.5 }", "the nearest known one is IP_ADDRESS"),
        ('phone_regions = ["UK"]', "Britain is GB, not UK"),
        ('recognizers = [{ name = "x", type = "X", regex = "a+" }]', "repeats without end"),
        (
            '[privacy.tenants.a]\nrecognizers = [{ name = "x", type = "X", regex = "ab", matches = ["a"] }]',
            "its example",
        ),
    ],
)
def test_what_only_privacy_can_judge_is_checked_too(tmp_path: Path, settings: str, words: str) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text(f"[privacy]\n{settings}\n")
    failed = ringfence("--config", str(file), "config", "check")
    assert failed.exit_code == 2
    assert words in failed.stderr


def test_settings_are_shown_without_their_secrets(tmp_path: Path) -> None:
    file = tmp_path / "ringfence.toml"
    file.write_text(f'[identity]\npepper = "{"p" * 40}"\n')
    shown = ringfence("--config", str(file), "config", "show")
    assert shown.exit_code == 0
    assert "pppp" not in shown.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    shown = ringfence("completion", shell)
    assert shown.exit_code == 0
    assert "_RINGFENCE_COMPLETE" in shown.output
