"""Several processes on one folder, some of which are killed."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.embedded import EmbeddedIndex
from ingest.index import Query, Stored
from ingest.twin import TwinIndex
from tests.integration.ingest.put_forever import texts
from tests.integration.ingest.shelf import ANYBODY, TENANT, WIDTH, Shelf, direction, document, stored

KILLS = 20
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Writer:
    process: subprocess.Popen[str]

    def acknowledged(self) -> Iterator[tuple[str, int]]:
        """Documents and their versions; 0: deleted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                name, version = line.split()
                yield name, int(version)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)


@contextmanager
def writer(folder: Path, start: int) -> Iterator[Writer]:
    command = [sys.executable, "-m", "tests.integration.ingest.put_forever", str(folder), str(start)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Writer(process)
        finally:
            process.kill()


def check_whole(each: Stored) -> None:
    version = each.document.version
    assert [passage.text for passage in each.passages] == texts(version, version)
    expected = [direction(1, version % 12, place) for place in range(len(each.passages))]
    np.testing.assert_allclose(each.vectors, np.array(expected).reshape(-1, WIDTH), atol=0.001)


async def test_a_writer_killed_twenty_times_loses_and_halves_nothing(tmp_path: Path):
    draw = random.Random(6)
    known: dict[str, int] = {}
    number = 1
    for _ in range(KILLS):
        with writer(tmp_path, number) as process:
            said = process.acknowledged()
            fated = draw.randint(1, 12)
            for place, (name, version) in enumerate(said, 1):
                known[name] = version
                number += 1
                if place == fated:
                    await asyncio.sleep(draw.random() * 0.02)
                    process.kill()
        # The change after the last one that was told: done or not, but nothing between.
        pending, outcome = f"d{number % 12:02}", 0 if number % 7 == 6 else number
        index = EmbeddedIndex(tmp_path)
        there = {each.document.id: each async for each in index.scan(TENANT)}
        for each in there.values():
            check_whole(each)
        for name, version in known.items():
            found = there[name].document.version if name in there else 0
            assert found == version or (name == pending and found == outcome)
        await check_against_twin(index, list(there.values()))
        await index.close()
        known = {name: each.document.version for name, each in there.items()}
        number += 1


async def check_against_twin(index: EmbeddedIndex, there: list[Stored]) -> None:
    twin = TwinIndex()
    await twin.put_all(TENANT, there)
    assert await index.count(TENANT, ANYBODY) == await twin.count(TENANT, ANYBODY)
    for text, vector in (("router words", None), ("n3 v3 p1", direction(1, 3, 1)), ("", direction(0, 1))):
        query = Query(text=text, vector=vector, readers=ANYBODY, limit=100)
        assert await index.search(TENANT, query) == await twin.search(TENANT, query)


async def test_readers_in_other_processes_see_whole_documents(tmp_path: Path):
    """The writer is another process; each answer holds one version of a document, with all of its passages."""
    index = EmbeddedIndex(tmp_path)
    answers, versions = 0, set()
    with writer(tmp_path, 1) as process:
        next(process.acknowledged())
        while len(versions) < 30:
            query = Query(text="router words", vector=direction(1, answers % 12), readers=ANYBODY, limit=100)
            seen: dict[str, set[int]] = {}
            passages: dict[str, list[int]] = {}
            for hit in await index.search(TENANT, query):
                assert hit.similarity > 0  # nobody's zeroes
                seen.setdefault(hit.document.id, set()).update(
                    {hit.document.version, int(hit.passage.id.split(":")[2])}
                )
                passages.setdefault(hit.document.id, []).append(hit.passage.number)
            for name, found in seen.items():
                (version,) = found
                assert sorted(passages[name]) == list(range(1 + version % 5))
                versions.add(version)
            answers += 1
    await index.close()
    assert answers > 20


async def test_two_writers_wait_for_each_other(tmp_path: Path):
    with writer(tmp_path, 1) as process:
        said = process.acknowledged()
        next(said)
        index = EmbeddedIndex(tmp_path)
        shelf = Shelf(index)
        for number in range(40):
            await shelf.add(f"mine{number:02}", "gateway mine")
            next(said)
    mine = await shelf.found("gateway", limit=100)
    assert mine == [f"mine{number:02}" for number in range(40)]
    async for each in index.scan(TENANT):
        if each.document.id.startswith("d"):
            check_whole(each)
    await index.close()


async def test_a_reader_follows_a_tenant_that_was_dropped_elsewhere(tmp_path: Path):
    here, there = Shelf(EmbeddedIndex(tmp_path)), Shelf(EmbeddedIndex(tmp_path))
    await here.add("a", "router")
    assert await there.found("router") == ["a"]
    assert await here.index.drop(TENANT) == 1
    assert await there.found("router") == []
    assert await there.index.tenants() == []
    await here.index.put_all(TENANT, [stored(document("b"), "router anew")])
    assert await there.found("router") == ["b"]
    await here.index.close()
    await there.index.close()


KILLED_BEFORE_COMMIT = """
import asyncio, os, signal, sys
from pathlib import Path
from ingest.embedded import EmbeddedIndex, matrix
from tests.integration.ingest.shelf import TENANT, direction, document, stored

written = matrix.Matrix.write

def write_and_die(*given):
    written(*given)
    os.kill(os.getpid(), signal.SIGKILL)

matrix.Matrix.write = write_and_die
new = stored(document("a", version=2), "anew", "anew", vectors=[direction(0, 1)] * 2)
asyncio.run(EmbeddedIndex(Path(sys.argv[1])).put_all(TENANT, [new]))
"""


async def test_a_change_that_was_not_committed_leaves_the_vectors_that_are_there(tmp_path: Path):
    shelf = Shelf(EmbeddedIndex(tmp_path))
    put = await shelf.add("a", "router", "modem", vectors=[direction(1), direction(1, 1)])
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_COMMIT, str(tmp_path)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    (there,) = [each async for each in shelf.index.scan(TENANT)]
    assert (there.document, there.passages) == (put.document, put.passages)
    np.testing.assert_allclose(there.vectors, put.vectors, atol=0.001)
    assert await shelf.found("anew") == []
    await shelf.index.close()


async def test_the_files_do_not_grow_when_documents_are_replaced(tmp_path: Path):
    shelf = Shelf(EmbeddedIndex(tmp_path))
    sizes = set()
    for version in range(1, 80):
        await shelf.add("a", *[f"router {version} {number}" for number in range(10)], version=version)
        if version > 10:
            sizes.add(sum(file.stat().st_size for file in tmp_path.rglob("*.[fu]*")))
    assert len(sizes) == 1
    await shelf.index.close()
