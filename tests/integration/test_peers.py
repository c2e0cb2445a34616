"""The peers are the real thing, and leave nothing behind."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import aiohttp
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.peers.cache import kept
from tests.peers.postgres import Postgres
from tests.peers.process import Process, ProcessFailed, run
from tests.peers.vllm import VllmServer


def silent(line: str) -> None:
    pass


async def test_vllm_answers_a_chat_completion_and_counts_it(vllm_server: VllmServer):
    question = [{"role": "user", "content": "What is the capital of France?"}]
    body = {"model": vllm_server.model, "messages": question, "max_tokens": 20, "temperature": 0}
    headers = {"Authorization": f"Bearer {vllm_server.key}"}
    async with aiohttp.ClientSession(vllm_server.url, headers=headers) as session:
        async with session.post("/v1/chat/completions", json=body) as response:
            assert response.status == 200
            answer = await response.json()
        async with session.get("/metrics") as response:
            metrics = await response.text()
    assert "Paris" in answer["choices"][0]["message"]["content"]
    assert "vllm:num_requests_running{" in metrics


async def test_vllm_wants_its_key(vllm_server: VllmServer):
    async with aiohttp.ClientSession(vllm_server.url) as session, session.get("/v1/models") as response:
        assert response.status == 401


def test_postgres_answers(postgres_url: str):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        version = connection.execute("select version()").fetchone()
    assert version is not None
    assert version[0].startswith("PostgreSQL ")


async def test_a_database_is_empty_and_takes_a_table(database_url: str):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("create table marks (id integer)"))
        await connection.execute(text("insert into marks values (1)"))
        assert (await connection.execute(text("select count(*) from marks"))).scalar() == 1
    await engine.dispose()


def test_a_database_is_gone_after_its_test(postgres: Postgres):
    with postgres.database() as url:
        plain = url.replace("+psycopg", "")
        psycopg.connect(plain).close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain)


def test_what_is_kept_is_built_once_and_never_half(tmp_path: Path):
    built: list[Path] = []

    def fails(folder: Path) -> None:
        (folder / "rest").touch()
        raise OSError("no space")

    def works(folder: Path) -> None:
        assert not list(folder.iterdir())
        built.append(folder)

    with pytest.raises(OSError, match="no space"):
        kept(tmp_path, "thing", "1", fails, silent)
    assert not (tmp_path / "thing" / "1").exists()
    folder = kept(tmp_path, "thing", "1", works, silent)
    assert kept(tmp_path, "thing", "1", works, silent) == folder
    assert len(built) == 1


def test_a_second_run_waits_for_the_first(tmp_path: Path):
    first_builds, second_waits = threading.Event(), threading.Event()
    told: list[str] = []

    def slow(folder: Path) -> None:
        first_builds.set()
        assert second_waits.wait(10)

    def tell(line: str) -> None:
        told.append(line)
        second_waits.set()

    def never(folder: Path) -> None:
        raise AssertionError("the second run built it again")

    first = threading.Thread(target=kept, args=(tmp_path, "thing", "1", slow, silent))
    first.start()
    assert first_builds.wait(10)
    kept(tmp_path, "thing", "1", never, tell)
    first.join()
    assert told == ["thing: waiting for another run that is making it"]


STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"
LEADER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-u", "-c", sys.argv[1]])
print(child.pid)
child.wait()
"""


def test_a_stopped_process_takes_its_children_along(tmp_path: Path):
    process = Process([sys.executable, "-u", "-c", LEADER, STUBBORN], tmp_path / "log")
    process.wait_for(lambda: "up" in process.log.read_text(), "child", 10, silent)
    orphan = next(int(word) for word in process.log.read_text().split() if word.isdigit())
    process.stop(grace=1)
    deadline = time.monotonic() + 5
    while _runs(orphan) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(orphan)


def test_a_failed_command_shows_the_end_of_its_output(tmp_path: Path):
    with pytest.raises(ProcessFailed, match="exit status 3\nno such wheel"):
        run([sys.executable, "-c", "print('no such wheel'); exit(3)"], "install", tmp_path / "log", silent)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
