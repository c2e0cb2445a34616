"""A taking in that is killed again and again: what it said is done is there, and nothing is there twice."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.catalogue import Collection
from tests.integration.ingest.workshop import Workshop

KILLS = 20
FILES = 40
SECTIONS = 12
ROOT = Path(__file__).parents[3]


def text(number: int, version: int) -> str:
    """In the first section and in the last: half a change would show."""
    told = (
        f"## Section {place}\n\nCabinet {number} section {place}"
        + (f" version {version}." if place in (0, SECTIONS - 1) else ".")
        for place in range(SECTIONS)
    )
    return f"# Cabinet {number}\n\n" + "\n\n".join(told)


async def versions(workshop: Workshop, collection: Collection) -> dict[str, int]:
    """Of each file, in the index; each document is whole and stands in the catalogue."""
    held = await workshop.library.files.held(collection.id, "folder")
    known = set(await workshop.library.files.documents([each.id for each in held.values()]))
    paths = await workshop.library.files.paths(sorted(known))
    there: dict[str, int] = {}
    async for each in workshop.index.scan("north"):
        assert each.document.id in known
        name = Path(paths[each.document.id]).name
        assert name not in there
        whole = "\n".join(passage.text for passage in each.passages)
        there[name] = int(whole.rpartition("version ")[2].rstrip("."))
        assert whole.count(f"version {there[name]}.") == 2
        assert re.findall(r"Cabinet (\d+) section (\d+)", whole) == [
            (name.removesuffix(".md"), str(place)) for place in range(SECTIONS)
        ]
    return there


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_twenty_kills_lose_and_double_nothing(
    workshop: Workshop, database_url: str, minilm_weights: Path, tmp_path: Path
) -> None:
    draw, wanted = random.Random(6), dict.fromkeys((f"{number}.md" for number in range(FILES)), 1)
    for number in range(FILES):
        workshop.write(f"{number}.md", text(number, 1))
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    command = [sys.executable, "-m", "tests.integration.ingest.take_in", database_url, minilm_weights, tmp_path]
    cut, there = 0, await versions(workshop, handbook)
    for version in range(2, KILLS + 2):
        for name in draw.sample(sorted(wanted), FILES // 2):
            wanted[name] = version
            workshop.write(name, text(int(name.removesuffix(".md")), version))
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun -\n"
            time.sleep(draw.random() * 1.5)
            process.kill()
            said = dict(line.split() for line in process.stdout if line.endswith("\n"))
        cut += len(said) < FILES
        before, there = there, await versions(workshop, handbook)
        assert there.keys() == wanted.keys()
        for name, found in there.items():
            assert found in (before[name], wanted[name])
            if name in said:
                assert found == wanted[name]
    assert cut > KILLS // 4
    await workshop.take_in(handbook)
    assert await versions(workshop, handbook) == wanted
    assert set((await workshop.states(handbook)).values()) == {"unchanged"}
    documents, passages = await workshop.counted(handbook)
    again = await workshop.collection("again")
    await workshop.take_in(again)
    assert (documents, passages) == await workshop.counted(again)
    assert documents == FILES
