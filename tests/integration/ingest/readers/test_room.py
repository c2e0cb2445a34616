"""The real reading processes: what they may not do, and what happens when one dies."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from appliance.settings.knowledge import Reading
from ingest.content import Content, Unread
from ingest.readers.room import ReadingRoom
from tests.documents import archives, office, paper, post

SLOW = b"# A\n" + b"*a _b " * 200_000


async def all_of(room: ReadingRoom, name: str, data: bytes) -> list[Content | Unread]:
    return [each async for each in room.read(name, data)]


def children() -> set[int]:
    """Readers that this process has started and that run."""
    found = set()
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"ingest.readers.child" in (each / "cmdline").read_bytes():
                found.add(int(each.name))
    return found


@pytest.fixture
async def room() -> AsyncIterator[ReadingRoom]:
    room = ReadingRoom(Reading(processes=1, seconds=10))
    yield room
    await room.close()
    assert children() == set()


async def test_one_process_reads_one_file_after_another(room: ReadingRoom):
    assert [each.title for each in await all_of(room, "a.docx", office.word())] == ["Handbuch Entstörung"]
    first = children()
    assert [each.blocks[0].spot.page for each in await all_of(room, "a.pdf", paper.handbook())] == [1]
    assert children() == first
    assert len(first) == 1


async def test_as_many_are_read_at_once_as_there_are_processes():
    room = ReadingRoom(Reading(processes=2))
    found = await asyncio.gather(*(all_of(room, f"{number}.docx", office.word()) for number in range(8)))
    assert [each.path for (each,) in found] == [f"{number}.docx" for number in range(8)]
    assert len(children()) == 2
    await room.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGSEGV, "crashed"), (signal.SIGKILL, "out_of_memory")])
async def test_a_process_that_dies_takes_one_document_along(room: ReadingRoom, number: int, code: str):
    data = archives.packed({"a.txt": b"one", "slow.md": SLOW, "b.txt": b"two"})
    found: list[Content | Unread] = []
    async for each in room.read("o.zip", data):
        found.append(each)
        if each.path == "o.zip/a.txt":
            await asyncio.sleep(1)  # by then it has begun the next
            (pid,) = children()
            os.kill(pid, number)
    assert [(each.path, getattr(each, "code", "")) for each in found] == [
        ("o.zip/a.txt", ""),
        ("o.zip/slow.md", code),
        ("o.zip/b.txt", ""),
    ]


async def test_what_takes_too_long_is_ended_and_the_rest_is_read():
    room = ReadingRoom(Reading(processes=1, seconds=0.5))
    data = post.mail(files={"slow.md": SLOW, "b.txt": b"two"})
    found = await all_of(room, "m.eml", data)
    await room.close()
    assert [(each.path, getattr(each, "code", "")) for each in found] == [
        ("m.eml", ""),
        ("m.eml/slow.md", "too_slow"),
        ("m.eml/b.txt", ""),
    ]
    assert "0.5 s" in found[1].reason


async def test_what_needs_too_much_memory_is_refused_and_the_next_is_read():
    room = ReadingRoom(Reading(processes=1, memory=256 << 20))
    (found,) = await all_of(room, "a.txt", b"ring\n\n" * (20 << 20))
    assert isinstance(found, Unread)
    assert found.code == "out_of_memory"
    assert [each.text for each in await all_of(room, "b.txt", b"two")] == ["two"]
    await room.close()


async def test_a_reader_that_leaves_early_leaves_no_process_behind(room: ReadingRoom):
    async for _ in room.read("box.mbox", post.mailbox(200)):
        break
    for _ in range(100):
        if not children():
            break
        await asyncio.sleep(0.02)
    assert [each.text for each in await all_of(room, "b.txt", b"two")] == ["two"]


async def test_a_process_that_died_while_it_had_nothing_to_do_is_replaced(room: ReadingRoom):
    assert [each.text for each in await all_of(room, "a.txt", b"one")] == ["one"]
    (pid,) = children()
    os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.1)
    assert [each.text for each in await all_of(room, "b.txt", b"two")] == ["two"]


async def test_a_file_over_the_limit_is_not_even_sent():
    room = ReadingRoom(Reading(file_limit=3))
    assert [each.code for each in await all_of(room, "a.txt", b"four")] == ["too_large"]
    assert children() == set()


LOCKED = """
import errno, os, socket, subprocess, sys
from ingest.readers import cage
cage.lock(1 << 30)
def denied(act):
    try:
        act()
    except OSError as error:
        return error.errno in (errno.EPERM, errno.EFBIG)
    return False
here = sys.argv[1]
results = [
    denied(lambda: socket.socket()),
    denied(lambda: open(here + "/new", "w")),
    denied(lambda: open(here + "/old", "a")),
    denied(lambda: open(here + "/old", "r+")),
    denied(lambda: os.unlink(here + "/old")),
    denied(lambda: os.rename(here + "/old", here + "/moved")),
    denied(lambda: os.mkdir(here + "/folder")),
    denied(lambda: os.symlink("/etc", here + "/link")),
    denied(lambda: os.chmod(here + "/old", 0o777)),
    denied(lambda: os.truncate(here + "/old", 0)),
    denied(lambda: os.kill(os.getppid(), 0)),
    open(here + "/old").read() == "kept",
    b"denied" in subprocess.run(["/bin/sh", "-c", f"echo x > {here}/shell || echo denied"], capture_output=True).stdout,
]
print(*results)
"""


def test_the_cage_holds_the_process_and_what_it_starts(tmp_path: Path):
    (tmp_path / "old").write_text("kept")
    command = [sys.executable, "-c", LOCKED, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout.split() == ["True"] * 13, run.stderr[-500:]
    assert [each.name for each in tmp_path.iterdir()] == ["old"]


def test_a_process_ends_with_its_owner(tmp_path: Path):
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'from ingest.readers import cage; import time; "
        "cage.lock(1 << 30); print(1, flush=True); time.sleep(60)'], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        child = Path(f"/proc/{int(owner.stdout.readline())}")
        assert child.exists()
        owner.kill()
    deadline = time.monotonic() + 5
    while child.exists() and "Z" not in (child / "stat").read_text().split()[2] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.monotonic() < deadline
