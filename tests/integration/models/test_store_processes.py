"""Pulls in processes of their own: killed, side by side, on a full disk, and how much memory they take."""

import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.store.part import RANGE
from tests.integration.models.hub_server import HubState, safetensors, safetensors_head, serving

KILLS = 20
CONNECTIONS = 4
SPARSE = 2 << 30
SPARSE_DIGEST = "6004c91c7aa6678fcc51417e5828b706213fa66f87da827f2702df0355843416"
"""Of a safetensors file with one tensor of so many zeros."""
RESIDENT = 100 << 20


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubState]:
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "config.json").write_bytes(b"{}")
    with serving(HubState(tmp_path / "hub")) as state:
        yield state


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where gigabytes may be written: in memory, where there is enough."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > 2 * SPARSE:
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            yield Path(folder)
    else:
        yield tmp_path


def puller(folder: Path, hub: HubState, *more: str) -> list[str]:
    module = "tests.integration.models.puller"
    return [sys.executable, "-m", module, str(folder), hub.url, str(CONNECTIONS), *more]


def start(folder: Path, hub: HubState) -> subprocess.Popen[str]:
    return subprocess.Popen(puller(folder, hub), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def bytes_sent_twice(hub: HubState) -> int:
    """How many bytes of the weights came over the wire more than once, the repetitions counted each."""
    edges: Counter[int] = Counter()
    for each in hub.fetched("model.safetensors"):
        begin = int(each.range.partition("=")[2].partition("-")[0])
        edges[begin] += 1
        edges[begin + each.sent] -= 1
    depth = twice = last = 0
    for at in sorted(edges):
        twice += max(depth - 1, 0) * (at - last)
        depth, last = depth + edges[at], at
    return twice


def kill_at(process: subprocess.Popen[str], hub: HubState, sent: int) -> None:
    """Once the hub has sent so many bytes of content."""
    deadline = time.monotonic() + 60
    while hub.sent < sent and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert process.returncode == -9


def finish(process: subprocess.Popen[str]) -> None:
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_a_pull_that_is_killed_at_any_point_goes_on(hub: HubState, place: Path) -> None:
    content = safetensors(RANGE + (RANGE >> 2))
    (hub.folder / "model.safetensors").write_bytes(content)
    chance = random.Random(20)
    whole, most_twice = 0, 0
    for trial in range(KILLS):
        hub.asked.clear()
        hub.pace = 0.001
        kill_at(start(place / f"{trial}", hub), hub, chance.randrange(len(content)))
        hub.pace = 0.0
        finish(start(place / f"{trial}", hub))
        pulled = place / f"{trial}" / "tiny" / "model.safetensors"
        whole += pulled.read_bytes() == content
        most_twice = max(most_twice, bytes_sent_twice(hub))
        shutil.rmtree(place / f"{trial}")
    assert whole == KILLS
    assert most_twice < RANGE // 8


def test_a_pull_that_is_killed_again_and_again_goes_on(hub: HubState, tmp_path: Path) -> None:
    content = safetensors(3 * RANGE + 12_345)
    (hub.folder / "model.safetensors").write_bytes(content)
    hub.pace = 0.001
    chance = random.Random(5)
    for _ in range(5):
        kill_at(start(tmp_path / "models", hub), hub, hub.sent + chance.randrange(1, RANGE // 2))
    hub.pace = 0.0
    finish(start(tmp_path / "models", hub))
    assert (tmp_path / "models" / "tiny" / "model.safetensors").read_bytes() == content
    assert bytes_sent_twice(hub) < RANGE


def test_two_processes_at_once_fetch_each_file_once(hub: HubState, tmp_path: Path) -> None:
    content = safetensors(RANGE)
    (hub.folder / "model.safetensors").write_bytes(content)
    hub.pace = 0.001
    processes = [start(tmp_path / "models", hub) for _ in range(3)]
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert (tmp_path / "models" / "tiny" / "model.safetensors").read_bytes() == content
    assert bytes_sent_twice(hub) == 0
    assert sum("waiting for another process" in err for _, err in said) == 2


def test_a_disk_that_runs_full_gets_everything_back(hub: HubState, tmp_path: Path) -> None:
    (hub.folder / "a.safetensors").write_bytes(safetensors(100_000))
    (hub.folder / "model.safetensors").write_bytes(safetensors(RANGE))
    disk, mount = tmp_path / "disk", "mount -t tmpfs -o size=256m tmpfs"
    disk.mkdir()
    # A file system of its own, which the process fills up as soon as the pull has looked at its free space.
    pull = shlex.join(puller(disk / "models", hub, str(1 << 20)))
    script = f"{mount} {disk} && {pull}; code=$?; find {disk} -type f -size +0; exit $code"
    process = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "unshare" in process.stderr or "mount:" in process.stderr:
        pytest.skip(f"no file system of its own for a test here: {process.stderr.strip()}")
    assert process.returncode == 1
    assert re.search(r"ModelError: .*No space left on device\. Free space", process.stderr), process.stderr
    assert re.findall(r"^/.*", process.stdout, re.MULTILINE) == [f"{disk}/filler"]


def test_a_large_model_takes_little_memory(hub: HubState, place: Path) -> None:
    head = safetensors_head(SPARSE)
    file = hub.folder / "model.safetensors"
    with file.open("wb") as stream:
        stream.write(head)
        stream.truncate(len(head) + SPARSE)
    (hub.folder / "model.known").write_text(SPARSE_DIGEST)
    hub.small = (".json", ".known")
    process = start(place / "models", hub)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    found = re.search(r"resident (\d+)", out)
    assert found is not None
    assert int(found[1]) <= RESIDENT
