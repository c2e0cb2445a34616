"""Engines that are started, changed and stopped by orders, with real processes behind a real socket."""

import asyncio
import os
import signal
import time
from pathlib import Path

import msgspec
import pytest

from appliance.gpus import Device, Fault
from appliance.gpus.watch import Snapshot
from appliance.settings import Settings
from inference.supervise.crew import Crew, Places
from inference.supervise.outfitting import Outfitting
from tests.integration.inference.supervise.conftest import Crewed, Shelf, following


async def test_where_no_engine_runs_the_crew_is_at_peace(tmp_path: Path) -> None:
    """All engines of the settings may run elsewhere."""
    crew = Crew((), Outfitting(Settings()), Places(tmp_path, tmp_path))
    crew.start()
    assert crew.done().engines == ()
    assert await crew.stop()


async def test_an_engine_of_the_settings_serves(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine()) as running:
        await running.serving()
        [status] = (await running.order("list")).engines
        assert (status.state, status.model, status.names, status.gpus) == ("serving", "one", ("one",), ("0",))
        assert status.precision == "bf16" and status.pid is not None


async def test_a_swap_in_place_holds_and_keeps_the_names(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine()) as running, following(running.var) as worker:
        await running.serving()
        [before] = running.crew.board.roster.posts
        done = await running.order("swap", model="two", weights=str(shelf.folder / "two"))
        [status] = done.engines
        assert (status.state, status.model, status.names) == ("serving", "two", ("one", "two"))
        [after] = running.crew.board.roster.posts
        assert after.id != before.id and not after.leaving
        held = [roster for roster in worker.rosters if roster.holds]
        assert held and all(post.leaving for roster in held for post in roster.posts)
        assert [hold.names for hold in held[0].holds] == [("one",)]
        assert not worker.rosters[-1].holds


async def test_a_swap_beside_never_leaves_nobody(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine(share=0.45)) as running, following(running.var) as worker:
        await running.serving()
        await running.order("swap", model="two", weights=str(shelf.folder / "two"))
        first = next(i for i, roster in enumerate(worker.rosters) if roster.posts)
        for roster in worker.rosters[first:]:
            assert [post for post in roster.posts if not post.leaving], roster
            assert not roster.holds and not roster.absent


async def test_a_model_that_crashes_leaves_the_old_one_serving(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("two", crash="torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
    for share in (0.45, 0.9):
        async with crewed(shelf.engine(share=share)) as running, following(running.var):
            await running.serving()
            refused = await running.refused("swap", model="two", weights=str(shelf.folder / "two"))
            assert "two did not come up" in refused.message and "memory" in refused.message
            [status] = (await running.order("list")).engines
            assert (status.state, status.model) == ("serving", "one")
            assert "two did not come up" in status.reason
            [crash] = (await running.order("why")).crashes
            assert "exited with 1" in crash.how


async def test_a_post_that_leaves_ends_after_its_last_request(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine()) as running, following(running.var) as worker:
        await running.serving()
        await running.until(lambda: bool(worker.rosters and worker.rosters[-1].posts))
        [post] = worker.rosters[-1].posts
        worker.in_flight = {post.id: 2}
        worker.see()
        await running.order("stop", wait=False)
        await running.until(lambda: bool(worker.rosters[-1].posts) and worker.rosters[-1].posts[0].leaving)
        pid = running.crew.berths["chat"].leaving[0].keeper.pid
        assert pid is not None
        os.kill(pid, 0)
        assert running.crew.berths["chat"].leaving[0].keeper.state == "serving"
        worker.in_flight = {}
        worker.see()
        await running.until(lambda: not running.crew.berths["chat"].hands)
        [status] = (await running.order("list")).engines
        assert status.state == "stopped"
        [absence] = worker.rosters[-1].absent
        assert absence.stopped


async def test_a_killed_process_is_started_again(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine()) as running:
        await running.serving()
        [status] = (await running.order("list")).engines
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        await running.until(lambda: not running.crew.board.roster.posts)
        await running.serving()
        [again] = (await running.order("list")).engines
        assert again.restarts == 1 and again.pid != status.pid
        [crash] = (await running.order("why")).crashes
        assert "SIGKILL" in crash.how


async def test_weights_that_are_not_there_are_said_and_cost_the_others_nothing(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine("chat", weights="", share=0.4), shelf.engine("other", share=0.4)) as running:
        await running.serving("other")
        [chat, other] = (await running.order("list")).engines
        assert (chat.state, other.state) == ("failed", "serving")
        assert "`ringfence models pull one`" in chat.reason
        [absence] = running.crew.board.roster.absent
        assert absence.engine == "chat" and not absence.stopped
        refused = await running.refused("start")
        assert "`ringfence models pull one`" in refused.message


async def test_who_finds_no_room_waits_for_it(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine("first"), shelf.engine("second")) as running:
        await running.serving("first")
        [_, second] = (await running.order("list")).engines
        assert second.state == "placing" and "GPU 0 is taken by first" in second.reason
        assert (await running.refused("start", "second")).code == "conflict"
        await running.order("stop", "first")
        await running.serving("second")


async def test_one_that_crashed_too_often_is_placed_anew_when_it_is_started(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("one", crash="RuntimeError: out of luck")
    second = shelf.engine("second", model="two", weights=str(shelf.folder / "two"))
    async with crewed(shelf.engine(restarts=2), second) as running:
        await running.until(lambda: running.crew.berths["chat"].status(0.0).state == "failed")
        assert "out of luck" in (await running.order("list")).engines[0].reason
        assert len((await running.order("why")).crashes) == 2
        await running.serving("second")
        shelf.script("one")
        assert "GPU 0 is taken by second" in (await running.refused("start")).message
        await running.order("stop", "second")
        await running.serving("chat")


async def test_one_order_at_a_time_and_other_engines_meanwhile(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("two", start_seconds=1.0)
    async with crewed(shelf.engine(share=0.3), shelf.engine("other", share=0.3)) as running:
        await running.serving("chat", "other")
        done = await running.order("swap", model="two", weights=str(shelf.folder / "two"), wait=False)
        assert done.engines[0].model == "one"
        refused = await running.refused("stop")
        assert refused.code == "conflict" and "a swap to two" in refused.message
        await running.order("swap", "other")
        [chat, other] = (await running.order("list")).engines
        assert chat.swapping == "two: start" and other.state == "serving"
        await running.until(lambda: not running.crew.berths["chat"].doing)
        assert running.crew.berths["chat"].wanted.model == "two"


async def test_an_order_goes_on_without_the_one_who_gave_it(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("two", start_seconds=0.5)
    async with crewed(shelf.engine()) as running:
        await running.serving()
        asking = asyncio.create_task(running.order("swap", model="two", weights=str(shelf.folder / "two")))
        await running.until(lambda: running.crew.berths["chat"].doing != "")
        asking.cancel()
        await running.until(lambda: not running.crew.berths["chat"].doing)
        assert running.crew.berths["chat"].wanted.model == "two"
        assert [post.names for post in running.crew.board.roster.posts] == [("one", "two")]


async def test_what_was_decided_outlives_a_restart(crewed: Crewed, shelf: Shelf) -> None:
    settings = (shelf.engine(share=0.4), shelf.engine("other", share=0.4))
    async with crewed(*settings) as running:
        await running.serving("chat", "other")
        await running.order("swap", model="two", weights=str(shelf.folder / "two"))
        await running.order("stop", "other")
    async with crewed(*settings) as running:
        await running.serving()
        [chat, other] = (await running.order("list")).engines
        assert (chat.model, chat.names, other.state) == ("two", ("one", "two"), "stopped")
        await running.order("start", "other")
        assert (await running.order("list")).engines[1].state == "serving"


async def test_the_log_is_read_and_followed(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine()) as running:
        await running.serving()
        await running.order("logs", lines=1)
        assert running.said == ["serves ['one']"]
        following = asyncio.create_task(running.order("logs", lines=0, follow=True))
        await asyncio.sleep(0.1)
        await running.order("swap")
        await running.until(lambda: running.said.count("serves ['one']") == 2)
        following.cancel()
    assert "serves ['one']" in (running.var / "log/engines/chat.log").read_text()


async def test_a_hung_engine_is_replaced(crewed: Crewed, shelf: Shelf) -> None:
    async with crewed(shelf.engine(stuck_seconds=1.0)) as running:
        await running.serving()
        [status] = (await running.order("list")).engines
        assert status.pid is not None
        os.kill(status.pid, signal.SIGSTOP)
        await running.until(lambda: not running.crew.board.roster.posts)
        await running.serving()
        [crash] = (await running.order("why")).crashes
        assert "hung" in crash.how


async def test_an_engine_leaves_a_gpu_that_fails(crewed: Crewed, shelf: Shelf) -> None:
    """The driver's figures are written as the watch would; the engine's card is the second of two."""
    engine = shelf.engine(card="2x16GiB")
    async with crewed(engine) as running, following(running.var) as worker:
        await running.serving()
        figures = running.var / "run" / "metrics"
        figures.mkdir(parents=True, exist_ok=True)
        devices = tuple(Device(index=number, uuid=str(number), name="16 GIB") for number in range(2))
        report(figures, Snapshot(time.monotonic(), devices))
        await asyncio.sleep(0.2)
        [before] = running.crew.board.roster.posts
        report(figures, Snapshot(time.monotonic(), devices, ((Fault(0, 79), 1),)))
        await running.until(lambda: [post.id for post in running.crew.board.roster.posts] != [before.id])
        await running.until(lambda: not running.crew.berths["chat"].doing)
        [status] = (await running.order("list")).engines
        assert (status.state, status.gpus) == ("serving", ("1",))
        assert not any(roster.holds for roster in worker.rosters), "the other GPU was free"
        done = await running.order("list")
        assert "XID 79" in done.set_aside["0"]
        assert (await running.refused("trust", gpu="7")).code == "not_found"
        assert (await running.order("trust", gpu="0")).set_aside == {}


async def test_nothing_is_left_when_the_crew_stops_within_a_swap(crewed: Crewed, shelf: Shelf) -> None:
    shelf.script("two", start_seconds=30.0)
    async with crewed(shelf.engine(share=0.4)) as running:
        await running.serving()
        await running.order("swap", model="two", weights=str(shelf.folder / "two"), wait=False)
        await running.until(lambda: len([hand for hand in running.crew.berths["chat"].hands if hand.keeper.pid]) == 2)
        pids = [hand.keeper.pid for hand in running.crew.berths["chat"].hands]
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def report(folder: Path, snapshot: Snapshot) -> None:
    draft = folder / "draft"
    draft.write_bytes(msgspec.json.encode(snapshot))
    draft.replace(folder / "gpus.json")
