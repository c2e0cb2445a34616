"""Adapters that come and go while an engine serves, and what is left of them after a crash and after a restart."""

import os
import signal
from pathlib import Path

import pytest

from models.shelf import shelf as read_shelf
from tests.integration.inference.supervise.conftest import Crewed, Running, Shelf, following
from tests.peers import lora


@pytest.fixture
def folder(tmp_path: Path, shelf: Shelf) -> Path:
    return lora.make(tmp_path / "tickets", read_shelf(shelf.rows)["one"].architecture)


async def served(running: Running) -> list[str]:
    """What the engine itself lists."""
    hand = running.crew.berths["chat"].hand
    assert hand is not None
    client = hand.outfit.connect()
    try:
        return [model.id for model in await client.models()]
    finally:
        await client.close()


async def test_an_adapter_comes_and_goes(crewed: Crewed, shelf: Shelf, folder: Path) -> None:
    async with crewed(shelf.engine(adapter_slots=1)) as running, following(running.var) as worker:
        await running.serving()
        done = await running.order("load", adapter="tickets", folder=str(folder), tenants=("acme",))
        assert [(each.name, each.tenants) for each in done.engines[0].adapters] == [("tickets", ("acme",))]
        assert await served(running) == ["one", "tickets"]
        await running.until(lambda: bool(worker.rosters[-1].posts[0].adapters))
        assert not worker.rosters[-1].posts[0].adapters[0].is_for("other")
        assert len(list((running.var / "adapters").iterdir())) == 1
        assert "1 slots" in (await running.refused("load", adapter="b", folder=str(folder), tenants=("*",))).message
        await running.order("unload", adapter="tickets")
        assert await served(running) == ["one"]
        assert not worker.rosters[-1].posts[0].adapters
        assert list((running.var / "adapters").iterdir()) == []
        assert (await running.refused("unload", adapter="tickets")).code == "not_found"


async def test_it_is_there_again_after_a_crash_and_after_a_restart(crewed: Crewed, shelf: Shelf, folder: Path) -> None:
    engine = shelf.engine(adapter_slots=2)
    async with crewed(engine) as running:
        await running.serving()
        await running.order("load", adapter="tickets", folder=str(folder), tenants=("*",))
        [status] = (await running.order("list")).engines
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        await running.until(lambda: not running.crew.board.roster.posts)
        await running.serving()
        assert await served(running) == ["one", "tickets"]
        await running.order("swap")
        assert await served(running) == ["one", "tickets"]
        refused = await running.refused("swap", model="two")
        assert refused.code == "conflict" and "Unload" in refused.message
    async with crewed(engine) as running:
        await running.serving()
        assert await served(running) == ["one", "tickets"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"adapter": "one"}, "a model 'one' already"),
        ({"adapter": "a", "tenants": ()}, "Say for which tenants"),
        ({"adapter": "a", "folder": "tickets"}, "the whole path"),
        ({"adapter": "a", "folder": "/nowhere"}, "has no adapter_config.json"),
        ({"adapter": ""}, "no adapter"),
    ],
)
async def test_what_is_no_adapter_is_refused(
    order: dict[str, object], words: str, crewed: Crewed, shelf: Shelf, folder: Path
) -> None:
    async with crewed(shelf.engine(adapter_slots=1)) as running:
        await running.serving()
        refused = await running.refused("load", **{"folder": str(folder), "tenants": ("*",), **order})
        assert words in refused.message
        assert await served(running) == ["one"]
        assert running.crew.berths["chat"].wanted.adapters == ()


async def test_an_engine_without_slots_takes_none(crewed: Crewed, shelf: Shelf, folder: Path) -> None:
    async with crewed(shelf.engine()) as running:
        await running.serving()
        refused = await running.refused("load", adapter="tickets", folder=str(folder), tenants=("*",))
        assert "no slots" in refused.message and "launch.adapter_slots" in refused.message


async def test_one_that_keeps_its_engine_from_starting_can_be_unloaded(
    crewed: Crewed, shelf: Shelf, folder: Path
) -> None:
    engine = shelf.engine(adapter_slots=1)
    async with crewed(engine) as running:
        await running.serving()
        await running.order("load", adapter="tickets", folder=str(folder), tenants=("*",))
    folder.rename(folder.with_name("gone"))
    async with crewed(engine) as running:
        await running.until(lambda: running.crew.berths["chat"].trouble is not None)
        [status] = (await running.order("list")).engines
        assert status.state == "failed" and str(folder) in status.reason
        await running.order("unload", adapter="tickets")
        await running.order("start")
        assert await served(running) == ["one"]
