import os
import time
from pathlib import Path

import pytest

from api.checks import machine
from appliance.settings import Identity, Paths, Server, Settings


def states(settings: Settings) -> dict[str, str]:
    return {finding.name: finding.state for finding in machine.secrets(settings)}


@pytest.fixture
def var(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    for name in ("identity.pepper", "audit.key"):
        (tmp_path / name).write_text("x" * 64)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_every_problem_comes_with_a_remedy(tmp_path: Path) -> None:
    settings = Settings(paths=Paths(var=tmp_path / "nowhere"))
    found = [*machine.secrets(settings), machine.folder(tmp_path / "nowhere"), machine.python((3, 10))]
    assert {finding.state for finding in found} == {"fail"}
    assert all(finding.remedy for finding in found)


def test_a_good_folder_has_nothing_to_mend(var: Path) -> None:
    assert machine.folder(var).state == "ok"
    assert states(Settings(paths=Paths(var=var))) == {"identity.pepper": "ok", "audit.key": "ok"}


def test_a_secret_that_others_can_read_fails(var: Path) -> None:
    (var / "audit.key").chmod(0o640)
    assert states(Settings(paths=Paths(var=var)))["audit.key"] == "fail"


def test_a_secret_that_a_setting_gives_needs_no_file(var: Path) -> None:
    (var / "identity.pepper").unlink()
    assert states(Settings(paths=Paths(var=var)))["identity.pepper"] == "fail"
    assert states(Settings(paths=Paths(var=var), identity=Identity(pepper="p" * 64)))["identity.pepper"] == "ok"


def test_a_folder_open_to_others_is_warned_of(var: Path) -> None:
    var.chmod(0o755)
    assert machine.folder(var).state == "warn"


@pytest.mark.parametrize(("free", "state"), [(1 << 20, "fail"), (2 << 30, "warn"), (50 << 30, "ok")])
def test_disk(var: Path, free: int, state: str) -> None:
    assert machine.disk(var, free).state == state


def test_a_clock_behind_what_was_written_fails(var: Path) -> None:
    assert machine.clock(var, time.time()).state == "ok"
    os.utime(var / "audit.key", (0, time.time() + 3600))
    assert machine.clock(var, time.time()).state == "fail"


def test_the_port_may_be_ours(var: Path) -> None:
    found = machine.port(Server(), 4711)
    assert found.state == "ok"
    assert "4711" in found.text
