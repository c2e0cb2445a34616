"""A process that is kept, with real ones: llama.cpp where an engine is asked, a shell where it is not."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest
from msgspec import structs

from appliance.children import Backoff
from appliance.settings import EngineSettings
from inference.command import Command
from inference.llamacpp import LlamaCpp
from inference.llamacpp.launch import child_command
from inference.supervise.keeper import Keeper, Kept
from inference.supervise.lifecycle import Timings
from inference.twin import Twin
from tests.integration.inference.asking import call, user
from tests.integration.inference.keeping import Watched, kept
from tests.peers import llamacpp

STUCK = 1.5
SMALL: EngineSettings = structs.replace(
    llamacpp.CHAT, name="kept", context=512, slots=2, stuck_seconds=STUCK, connect_seconds=0.5
)
QUICK = Timings(stuck_seconds=STUCK, grace=0.5, restarts=3, backoff=Backoff(first=0.05, cap=0.2))
MODEL = "smollm2-135m-instruct"


@pytest.fixture
async def llama(starter_var: Path, tmp_path: Path) -> AsyncIterator[Watched]:
    what = Kept(name="kept", command=child_command(SMALL, starter_var), timings=QUICK)
    async with kept(what, lambda: LlamaCpp(SMALL, starter_var), tmp_path) as watched:
        await watched.until("serving")
        yield watched


def shell(script: str, *arguments: str, timings: Timings = QUICK) -> Kept:
    return Kept(name="shell", command=Command(("sh", "-c", script, *arguments), {}), timings=timings)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while not gone(pid):
            await asyncio.sleep(0.02)


def pid_of(keeper: Keeper) -> int:
    assert keeper.pid
    return keeper.pid


async def test_it_answers_as_soon_as_its_state_says_so(llama: Watched, starter_var: Path) -> None:
    assert llama.states == ["starting", "warming", "serving"]
    engine = LlamaCpp(SMALL, starter_var)
    body = {"messages": user("Hello."), "max_tokens": 2}
    async with aclosing(engine.stream(call("chat", MODEL, body))) as answer:
        assert [chunk async for chunk in answer]
    await engine.close()


async def test_killed_it_is_started_again_and_the_crash_is_kept(llama: Watched) -> None:
    first = pid_of(llama.keeper)
    os.kill(first, signal.SIGKILL)
    await llama.until("waiting")
    await llama.until("serving")
    assert pid_of(llama.keeper) != first
    assert llama.states == ["starting", "warming", "serving", "waiting", "starting", "warming", "serving"]
    [crash] = llama.keeper.crashes
    assert crash.how == "killed by SIGKILL"
    assert "kernel" in crash.cause
    assert llama.keeper.restarts == 1


async def test_hung_it_is_found_out_and_replaced(llama: Watched) -> None:
    first = pid_of(llama.keeper)
    stopped = time.monotonic()
    os.kill(first, signal.SIGSTOP)
    await llama.until("waiting")
    assert STUCK * 0.3 < time.monotonic() - stopped < STUCK + 2
    assert llama.keeper.reason.startswith("Hung for 1.5 s: it does not answer")
    await llama.until("serving")
    assert gone(first)
    [crash] = llama.keeper.crashes
    assert crash.how.startswith("hung for")
    assert crash.cause == ""


async def test_a_short_pause_is_no_hang(llama: Watched) -> None:
    first = pid_of(llama.keeper)
    os.kill(first, signal.SIGSTOP)
    await asyncio.sleep(STUCK * 0.4)
    os.kill(first, signal.SIGCONT)
    await asyncio.sleep(STUCK * 1.5)
    assert (llama.keeper.state, llama.keeper.pid) == ("serving", first)


async def test_told_to_stop_it_ends_by_itself_and_stays_down(llama: Watched) -> None:
    pid = pid_of(llama.keeper)
    assert await llama.keeper.stop(5)
    assert gone(pid)
    assert llama.states[-2:] == ["draining", "stopped"]
    await asyncio.sleep(0.5)
    assert (llama.keeper.state, llama.keeper.crashes) == ("stopped", ())
    llama.keeper.start()
    await llama.until("serving")


async def test_what_cannot_start_is_given_up_and_explained(starter_var: Path, tmp_path: Path) -> None:
    settings = structs.replace(SMALL, name="bad", weights=str(tmp_path / "none.gguf"))
    what = Kept(name="bad", command=child_command(settings, starter_var), timings=QUICK)
    async with kept(what, lambda: LlamaCpp(settings, starter_var), tmp_path) as watched:
        await watched.until("failed")
        # It says itself that the next start would end the same.
        [crash] = watched.keeper.crashes
        assert crash.how == "exited with 78"
        assert "No such file" in crash.cause
        assert watched.keeper.reason == crash.cause


async def test_a_row_of_crashes_ends_in_failed_with_its_last_lines(tmp_path: Path) -> None:
    script = "for i in $(seq 80); do echo line $i; done; echo 'ValueError: no such thing' >&2; exit 3"
    async with kept(shell(script), Twin, tmp_path) as watched:
        await watched.until("failed")
        crashes = watched.keeper.crashes
        assert len(crashes) == QUICK.restarts
        assert [crash.how for crash in crashes] == ["exited with 3"] * 3
        assert crashes[-1].lines[0] == "line 32"
        assert crashes[-1].lines[-1] == "ValueError: no such thing"
        assert "Its last error: no such thing." in crashes[-1].cause
        await asyncio.sleep(0.5)
        assert watched.keeper.state == "failed"
        assert len(watched.keeper.log.lines) == 3 * 81
        assert stat.S_IMODE(watched.keeper.log.file.stat().st_mode) == 0o600


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    what = Kept(name="shell", command=Command(("/nowhere/vllm", "serve"), {}), timings=QUICK)
    async with kept(what, Twin, tmp_path) as watched:
        await watched.until("failed")
        assert watched.keeper.reason.startswith("There is no program /nowhere/vllm.")


async def test_one_that_does_not_drain_is_killed_with_all_its_children(tmp_path: Path) -> None:
    script = f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/pid; while :; do sleep 0.05; done"
    async with kept(shell(script), Twin, tmp_path) as watched:
        await watched.until("serving")
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.02)
        grandchild = int((tmp_path / "pid").read_text())
        begun = time.monotonic()
        assert not await watched.keeper.stop(0.3)
        assert 0.3 + QUICK.grace - 0.01 < time.monotonic() - begun < 3
        await until_gone(grandchild)


async def test_only_the_process_itself_is_asked_to_drain(tmp_path: Path) -> None:
    """vLLM's workers end at once when they are asked, whatever their engine still has to do."""
    inner = f"trap 'echo told >> {tmp_path}/told' TERM; while :; do sleep 0.05; done"
    script = f'trap "exit 0" TERM; sh -c "$1" & echo up > {tmp_path}/up; while :; do sleep 0.05; done'
    async with kept(shell(script, "shell", inner), Twin, tmp_path) as watched:
        await watched.until("serving")
        while not (tmp_path / "up").exists():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        assert await watched.keeper.stop(5)
        assert not (tmp_path / "told").exists()


async def test_a_flood_of_output_holds_nothing_up(tmp_path: Path) -> None:
    async with kept(shell("while :; do echo $$ yes and no; done"), Twin, tmp_path) as watched:
        await watched.until("serving")
        with watched.keeper.log.subscribe() as lines:
            async with asyncio.timeout(5):
                assert "yes and no" in await lines.get()
        begun = time.monotonic()
        await asyncio.sleep(0.2)
        assert time.monotonic() - begun < 1.0


async def test_what_was_left_at_its_socket_is_removed(tmp_path: Path) -> None:
    socket = tmp_path / "run" / "it.sock"
    socket.parent.mkdir()
    socket.touch()
    what = shell('test ! -e "$1" && echo $$ > "$1" && sleep 60', "shell", str(socket))
    async with kept(structs.replace(what, socket=socket), Twin, tmp_path) as watched:

        async def bound() -> None:
            async with asyncio.timeout(10):
                while not socket.exists() or socket.read_text().strip() != str(watched.keeper.pid):
                    await asyncio.sleep(0.02)

        await bound()
        os.kill(pid_of(watched.keeper), signal.SIGKILL)
        await watched.until("waiting")
        await bound()
        assert len(watched.keeper.crashes) == 1


def test_a_killed_supervisor_leaves_no_process_of_an_engine(tmp_path: Path) -> None:
    """Not even those that the engine started itself, which hold a GPU's memory."""
    script = textwrap.dedent(
        f"""
        import asyncio
        from pathlib import Path
        from inference.command import Command
        from inference.supervise.keeper import Keeper, Kept
        from inference.supervise.log import EngineLog
        from inference.twin import Twin

        async def main():
            command = Command(("sh", "-c", "sleep 61 & echo $$ $! > {tmp_path}/pids.new; "
                                           "mv {tmp_path}/pids.new {tmp_path}/pids; wait"), {{}})
            log = EngineLog(Path("{tmp_path}/it.log"))
            keeper = Keeper(Kept(name="it", command=command), Twin, log, lambda _: None)
            keeper.start()
            await asyncio.sleep(60)

        asyncio.run(main())
        """
    )
    pids: list[int] = []
    with subprocess.Popen([sys.executable, "-c", script]) as supervisor:
        try:
            _wait((tmp_path / "pids").exists)
            pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
            # The leash is held a moment after the start.
            time.sleep(0.3)
            supervisor.kill()
            _wait(lambda: all(gone(pid) for pid in pids))
        finally:
            supervisor.kill()
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _wait(met, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)
