"""What was deleted is in no file any more."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.embedded import EmbeddedIndex
from ingest.index import Stored
from tests.integration.ingest.shelf import TENANT, Shelf, direction, document, passage

MARK = "Xanthippe-7719"
FOLDED = b"xanthippe"
SECRET = direction(0.123, 0.456, 0.789, 0.321, 0.654, 0.987, 0.111, 0.777)


def traces(folder: Path) -> list[str]:
    """Files that hold the marked text, as written or as a word of the index, or the marked vector."""
    marks = (MARK.encode(), FOLDED, SECRET.astype(np.float16).tobytes())
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [
        file.name for file in files if any(mark in file.read_bytes() or mark in file.name.encode() for mark in marks)
    ]


async def filled(folder: Path) -> Shelf:
    shelf = Shelf(EmbeddedIndex(folder))
    batch = []
    for number in range(60):
        of = document(f"d{number:02}", collection="other" if number % 2 else "handbook")
        some = tuple(passage(of, place, f"router words {number} {place} " + "filler " * 40) for place in range(5))
        batch.append(Stored(of, some, np.stack([direction(1, place) for place in range(5)])))
    await shelf.index.put_all(TENANT, batch)
    marked = document("marked", title=f"Contract of {MARK}", link=f"https://isp.example/{MARK}", labels=(MARK,))
    text = f"{MARK} lives at the end of the line. " + f"{MARK} calls often. " * 400
    some = tuple(passage(marked, place, f"{text} {place}", headings=(MARK,)) for place in range(4))
    await shelf.index.put(TENANT, marked, some, np.stack([SECRET] * 4))
    assert len(traces(folder)) >= 2
    assert await shelf.found("xanthippe") == ["marked"]
    return shelf


@pytest.mark.parametrize("how", ["delete", "replace", "drop collection", "drop tenant", "describe and replace"])
async def test_no_file_has_it_any_more(tmp_path: Path, how: str):
    shelf = await filled(tmp_path)
    plain = document("marked", version=2)
    match how:
        case "delete":
            assert await shelf.index.delete(TENANT, ["marked"]) == 1
        case "replace":
            await shelf.add("marked", "nothing of it", version=2)
        case "drop collection":
            assert await shelf.index.drop(TENANT, "handbook") == 31
        case "drop tenant":
            assert await shelf.index.drop(TENANT) == 61
        case _:
            await shelf.index.describe(TENANT, plain)
            await shelf.add("marked", "nothing of it", version=2)
    assert traces(tmp_path) == []
    assert await shelf.found("xanthippe") == []
    await shelf.index.close()
    assert traces(tmp_path) == []


async def test_nor_while_others_read(tmp_path: Path):
    shelf = await filled(tmp_path)
    reader = Shelf(EmbeddedIndex(tmp_path))
    assert await reader.found("xanthippe", vector=SECRET) != []
    assert await shelf.index.delete(TENANT, ["marked"]) == 1
    assert traces(tmp_path) == []
    assert await reader.found("xanthippe") == []
    await reader.index.close()
    await shelf.index.close()


async def test_a_dropped_tenant_leaves_no_file(tmp_path: Path):
    shelf = Shelf(EmbeddedIndex(tmp_path), MARK)
    await shelf.add("a", "router")
    assert traces(tmp_path) == []
    assert any(MARK in file.name for file in tmp_path.iterdir())
    await shelf.index.drop(MARK)
    assert list(tmp_path.iterdir()) == []
    await shelf.index.close()


KILLED_BEFORE_WIPING = """
import asyncio, os, signal, sys
from pathlib import Path
from ingest.embedded import EmbeddedIndex, matrix

def die(*given):
    os.kill(os.getpid(), signal.SIGKILL)

matrix.Matrix.wipe = die
asyncio.run(EmbeddedIndex(Path(sys.argv[1])).delete("north", ["marked"]))
"""


async def test_a_deletion_that_was_cut_short_is_finished_by_the_next(tmp_path: Path):
    """Killed after the commit and before the vectors are overwritten; nobody was told that it is done."""
    shelf = await filled(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_WIPING, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "vectors.f16" in traces(tmp_path)
    assert await shelf.found("xanthippe", vector=SECRET, limit=100, alpha=1.0) != ["marked"]
    assert await shelf.index.delete(TENANT, ["marked"]) == 0
    assert traces(tmp_path) == []
    await shelf.index.close()
