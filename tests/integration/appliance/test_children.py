"""Child processes, with real ones."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.children import Backoff, Child, Children, Program

QUICK = Backoff(first=0.01, cap=0.05, quarantine_after=3)


def shell(script: str, **options: object) -> Program:
    return Program(name="child", command=("sh", "-c", script), backoff=QUICK, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[Child]:
    child = Child(program)
    child.start()
    try:
        yield child
    finally:
        child.kill()
        await child.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z")
    except FileNotFoundError:
        return True


async def test_a_child_that_ends_is_started_again(tmp_path: Path) -> None:
    async with running(shell(f"mktemp {tmp_path}/start.XXXXXX; exit 3")):
        await until(lambda: len(list(tmp_path.iterdir())) >= 3)


async def test_stopping_waits_for_a_clean_end(tmp_path: Path) -> None:
    async with running(
        shell(f"trap 'echo bye > {tmp_path}/bye; exit 0' TERM; echo > {tmp_path}/up; sleep 9 & wait")
    ) as child:
        await until((tmp_path / "up").exists)
        assert await child.stop()
        assert (tmp_path / "bye").exists()


async def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    program = shell(f"trap '' TERM; echo > {tmp_path}/up; while :; do sleep 0.05; done", grace=0.2)
    async with running(program) as child:
        await until((tmp_path / "up").exists)
        pid = child.pid
        assert pid
        assert not await child.stop()
        assert gone(pid)


async def test_a_child_takes_its_own_children_along(tmp_path: Path) -> None:
    async with running(shell(f"sleep 60 & echo $! > {tmp_path}/pid; wait", captured=True)) as child:
        await until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        grandchild = int((tmp_path / "pid").read_text())
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: gone(grandchild))


async def test_a_crash_is_explained_by_the_last_lines(caplog: pytest.LogCaptureFixture) -> None:
    script = "for i in $(seq 40); do echo line $i; done; printf 'no memory left' >&2; exit 1"
    with caplog.at_level(logging.ERROR):
        async with running(shell(script, captured=True)) as child:
            await until(lambda: child.crashes > 0)
    assert "child exited with 1 and will be restarted" in caplog.messages
    assert "last lines: no memory left" in caplog.messages
    assert "last lines: line 40" in caplog.messages
    assert "last lines: line 20" not in caplog.messages


async def test_a_row_of_crashes_is_quarantined_but_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with running(shell("exit 1")) as child:
        await until(lambda: child.crashes > QUICK.quarantine_after + 2)
    assert sum("crashed 3 times in a row" in message for message in caplog.messages) == 1


async def test_a_missing_program_is_tried_again_and_named(caplog: pytest.LogCaptureFixture) -> None:
    program = Program(name="child", command=("/nowhere/engine",), backoff=QUICK)
    async with running(program) as child:
        await until(lambda: child.crashes > 1)
    assert "could not be started: No such file or directory" in caplog.text


async def test_one_crash_takes_no_other_along() -> None:
    ends: list[tuple[int, int]] = []
    children = Children((shell("sleep 60"), shell("sleep 60")), lambda pid, status: ends.append((pid, status)))
    children.start()
    await until(lambda: all(child.pid for child in children.all))
    victim, other = (child.pid for child in children.all)
    assert victim
    os.kill(victim, signal.SIGKILL)
    await until(lambda: ends == [(victim, -signal.SIGKILL)])
    await until(lambda: children.all[0].pid not in (None, victim))
    assert children.all[1].pid == other
    assert await children.stop()


async def test_stopping_during_a_wait_ends_at_once() -> None:
    patient = Backoff(first=60, cap=60)
    child = Child(Program(name="child", command=("false",), backoff=patient))
    child.start()
    await until(lambda: child.crashes == 1)
    async with asyncio.timeout(1):
        assert await child.stop()
