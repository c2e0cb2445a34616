import logging
import stat
from pathlib import Path

import pytest

from inference.supervise.log import BEHIND, FILE_BYTES, LINES, EngineLog, log_file


def test_it_keeps_the_last_lines_and_writes_all_for_its_owner_alone(tmp_path: Path) -> None:
    log = EngineLog(tmp_path / "log" / "engines" / "chat.log")
    log.write(f"line {number}" for number in range(LINES + 5))
    assert len(log.lines) == LINES
    assert (log.lines[0], log.lines[-1]) == ("line 5", f"line {LINES + 4}")
    assert log.file.read_text().splitlines()[0] == "line 0"
    assert stat.S_IMODE(log.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.file.parent.stat().st_mode) == 0o700


def test_two_files_of_a_bounded_size_are_kept(tmp_path: Path) -> None:
    log = EngineLog(tmp_path / "chat.log")
    line = "x" * 999
    for _ in range(3 * FILE_BYTES // 100_000):
        log.write([line] * 100)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chat.log", "chat.log.1"]
    assert all(each.stat().st_size <= FILE_BYTES for each in tmp_path.iterdir())
    assert (tmp_path / "chat.log.1").stat().st_size > FILE_BYTES - 100_001


def test_a_key_stands_nowhere(tmp_path: Path) -> None:
    log = EngineLog(tmp_path / "chat.log")
    log.write(["authorization: Bearer abcdef0123456789"])
    assert "abcdef" not in log.lines[0]
    assert "abcdef" not in log.file.read_text()


def test_a_follower_hears_what_comes_and_may_miss_the_oldest(tmp_path: Path) -> None:
    log = EngineLog(tmp_path / "chat.log")
    log.write(["before"])
    with log.subscribe() as lines:
        log.write(["one", "two"])
        assert [lines.get_nowait(), lines.get_nowait()] == ["one", "two"]
        log.write(f"{number}" for number in range(BEHIND + 3))
        assert lines.qsize() == BEHIND
        assert lines.get_nowait() == "3"
    log.write(["after"])
    assert lines.qsize() == BEHIND - 1


def test_a_file_that_cannot_be_written_costs_the_file_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "log").write_text("a file where a folder should be")
    log = EngineLog(tmp_path / "log" / "chat.log")
    with caplog.at_level(logging.WARNING):
        log.write(["one"])
        log.write(["two"])
    assert list(log.lines) == ["one", "two"]
    assert len(caplog.records) == 1


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    for name in ("chat", "../../etc/passwd", "..", "a/b", "Große 70B"):
        file = log_file(tmp_path, name)
        assert file.resolve().parent == (tmp_path / "log" / "engines").resolve()
    assert log_file(tmp_path, "chat").name == "chat.log"
