"""A worker follows the roster over the supervisor's real socket; engines are twins."""

import asyncio
from pathlib import Path

import pytest

from appliance.errors import EngineFailed, EngineUnavailable, NotFound, RingfenceError
from inference import converse
from inference.following import FIRST_SECONDS
from inference.roster import Absence, Hold
from inference.waiting import Bounds
from tests.integration.inference.supervisor import Supervisor, post, until
from tests.integration.inference.worker import CALL, HELD, LORA, Worker, following


async def test_the_first_roster_is_known_when_a_worker_has_started(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        assert supervisor.followers == ["worker-1"]
        assert worker.fleet.waits_for == []
        assert await worker.ask() == "e.1"
        await supervisor.until_seen(1)


async def test_a_worker_starts_also_when_nobody_says_a_roster(tmp_path: Path) -> None:
    worker = Worker(tmp_path / "s.sock", Bounds(1, 1))
    async with asyncio.timeout(FIRST_SECONDS + 3.0):
        await worker.fleet.start()
    assert worker.fleet.waits_for == ["e: it has not started yet"]
    with pytest.raises(EngineUnavailable, match="it has not started yet"):
        await worker.ask()
    await worker.fleet.close()


async def test_a_swap_beside_loses_nothing(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        assert await worker.ask() == "e.1"
        worker.engines["e.1"].gate.clear()
        running = worker.asks(3)
        await until(lambda: worker.engines["e.1"].running == 3)
        version = supervisor.publish(post("e.1", leaving=True), post("e.2"))
        await supervisor.until_seen(version, {"e.1": 3})
        assert await worker.ask() == "e.2"
        assert worker.engines["e.1"].down is None
        worker.engines["e.1"].gate.set()
        assert await asyncio.gather(*running) == ["e.1"] * 3
        await supervisor.until_seen(version)
        await until(lambda: worker.engines["e.1"].down == "it is closed")
        await supervisor.until_seen(supervisor.publish(post("e.2")))
        assert [seat.engine.name for seat in worker.fleet.seats] == ["e.2"]


async def test_requests_wait_while_an_engine_is_swapped_in_place(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        worker.engines["e.1"].gate.clear()
        [running] = worker.asks()
        await until(lambda: worker.engines["e.1"].running == 1)
        await supervisor.until_seen(supervisor.publish(post("e.1", leaving=True), holds=HELD), {"e.1": 1})
        waiting = worker.asks(1000)
        await until(lambda: worker.room.present["e"] == 1000)
        assert worker.fleet.waits_for == []
        assert [model.id for model in worker.fleet.models("acme")] == ["m"]
        # It is told to end before it has begun to answer.
        worker.engines["e.1"].kill()
        await until(lambda: worker.room.present["e"] == 1001)
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        supervisor.publish(post("e.2"))
        assert await asyncio.gather(running, *waiting) == ["e.2"] * 1001
        assert (worker.room.present["e"], len(worker.counted)) == (0, 1001)
        assert len(worker.engines["e.2"].calls) == 1001


async def test_what_has_begun_is_not_repeated_when_its_engine_is_killed(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        engine = worker.engines["e.1"]
        plan = await worker.fleet.plan("m", "chat", "acme")
        chunks = converse.run(plan, CALL, lambda: worker.fleet.plan("m", "chat", "acme"))
        await anext(chunks)
        await supervisor.until_seen(supervisor.publish(post("e.1", leaving=True), post("e.2")), {"e.1": 1})
        await chunks.aclose()
        await supervisor.until_seen(2)
        assert len(engine.calls) == 1
        assert worker.engines["e.2"].calls == []


async def test_what_crashed_an_engine_is_not_asked_of_the_next(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        worker.engines["e.1"].gate.clear()
        [running] = worker.asks()
        await until(lambda: worker.engines["e.1"].running == 1)
        await supervisor.until_seen(supervisor.publish(post("e.2")))  # heard of before its connection breaks
        worker.engines["e.1"].kill()
        with pytest.raises(EngineFailed):
            await running
        assert await worker.ask() == "e.2"
        assert len(worker.engines["e.2"].calls) == 1


async def test_who_goes_while_held_leaves_nothing_behind(tmp_path: Path) -> None:
    async with following(tmp_path) as (supervisor, worker):
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        waiting = worker.asks(100)
        await until(lambda: worker.room.present["e"] == 100)
        for each in waiting[::2]:
            each.cancel()
        await until(lambda: worker.room.present["e"] == 50)
        supervisor.publish(post("e.1"))
        assert await asyncio.gather(*waiting[1::2]) == ["e.1"] * 50
        assert len(worker.engines["e.1"].calls) == 50


async def test_a_hold_that_ends_without_an_engine_refuses_with_the_reason(tmp_path: Path) -> None:
    async with following(tmp_path) as (supervisor, worker):
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        waiting = worker.asks(10)
        await until(lambda: worker.room.present["e"] == 10)
        supervisor.publish(absent=(Absence("e", ("m",), reason="it does not start: no memory"),))
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in found} == {EngineUnavailable}
        assert {str(each) for each in found} == {
            "No engine can answer for 'm' now (e: it does not start: no memory). Try again shortly."
        }
        assert worker.room.present["e"] == 0


async def test_a_hold_is_bounded_in_number_and_time(tmp_path: Path) -> None:
    async with following(tmp_path, seconds=0.2, requests=5) as (supervisor, worker):
        await supervisor.until_seen(supervisor.publish(holds=HELD))
        found = await asyncio.gather(*worker.asks(7), return_exceptions=True)
        reasons = [each.message for each in found if isinstance(each, EngineUnavailable)]
        assert (len(reasons), sum("5 requests wait" in each for each in reasons)) == (7, 2)
        assert worker.room.present["e"] == 0


async def test_a_supervisor_that_is_away_is_found_again(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        supervisor.hang_up(b'{"type":"roster","version":9,"posts":[]')
        await until(lambda: len(supervisor.followers) == 2)
        assert await worker.ask() == "e.1"
        await supervisor.until_seen(supervisor.publish(post("e.2")))
        assert await worker.ask() == "e.2"
        supervisor.hang_up(b'{"type":"roster","version":"x"}\n' + b"y" * 10)
        await until(lambda: len(supervisor.followers) == 3)
        await supervisor.until_seen(supervisor.publish(post("e.3")))
        assert await worker.ask() == "e.3"


async def test_what_was_said_last_counts_while_the_supervisor_is_away(tmp_path: Path) -> None:
    supervisor, worker = Supervisor(tmp_path / "s.sock"), Worker(tmp_path / "s.sock", Bounds(1, 1))
    supervisor.publish(post("e.1"))
    async with supervisor.open():
        await worker.fleet.start()
    await asyncio.sleep(0.1)
    assert await worker.ask() == "e.1"
    supervisor.publish(post("e.2"))
    async with supervisor.open():
        await supervisor.until_seen(2)
        assert await worker.ask() == "e.2"
        await worker.fleet.close()


async def test_an_engine_without_a_post_is_unavailable_and_not_unknown(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1", "m", "tiny", adapters=(LORA,))) as (supervisor, worker):
        await supervisor.until_seen(supervisor.publish())
        for model in ("m", "tiny", "lora"):
            with pytest.raises(EngineUnavailable, match="it is not running now"):
                await worker.ask(model)
        with pytest.raises(NotFound):
            await worker.ask("lora", "other")
        assert [model.id for model in worker.fleet.models("other")] == ["m", "tiny"]
        assert worker.fleet.waits_for == ["e: it is not running now"]
        stopped = Absence("e", ("m",), reason="it was stopped", stopped=True)
        await supervisor.until_seen(supervisor.publish(absent=(stopped,)))
        assert (worker.fleet.waits_for, worker.fleet.models("acme")) == ([], [])


async def test_an_adapter_comes_and_goes_with_the_roster(tmp_path: Path) -> None:
    async with following(tmp_path, post("e.1")) as (supervisor, worker):
        worker.engines["e.1"]._models = ("m", "lora", "stray")  # what vLLM lists now
        await supervisor.until_seen(supervisor.publish(post("e.1", adapters=(LORA,))))
        await until(lambda: [model.id for model in worker.fleet.models("acme")] == ["lora", "m"])
        assert await worker.ask("lora") == "e.1"
        assert [model.id for model in worker.fleet.models("other")] == ["m"]
        for model, tenant in (("lora", "other"), ("stray", "acme")):
            with pytest.raises(NotFound):
                await worker.ask(model, tenant)
        await supervisor.until_seen(supervisor.publish(post("e.1")))
        with pytest.raises(NotFound):
            await worker.ask("lora")


async def test_posts_of_engines_that_the_settings_do_not_know_are_left_alone(tmp_path: Path) -> None:
    async with following(tmp_path, post("other.1", "x")) as (supervisor, worker):
        held = (Hold("other", ("x",)),)
        await supervisor.until_seen(supervisor.publish(post("e.1"), holds=held))
        assert list(worker.engines) == ["e.1"]
        with pytest.raises(RingfenceError):
            await worker.ask("x")
