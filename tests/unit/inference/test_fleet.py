import asyncio
from functools import partial

import pytest

from appliance.errors import EngineFailed, RingfenceError
from appliance.privacy.scrubbed import own
from inference import converse
from inference.fleet import LEAST_SECONDS, Fleet
from inference.messages import Call, Delta
from inference.twin import Fault, Twin

CALL = Call(task="chat", model="twin", scrubbed=own(b'{"messages":[{"role":"user","content":"one"}]}'), stream=True)


async def ask(fleet: Fleet) -> None:
    plan = partial(fleet.plan, "twin", "chat", "acme")
    async for _ in converse.run(fleet.seats, CALL, plan):
        pass


async def until(check, seconds: float = 2.0) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.005)


async def test_engines_that_are_up_are_known_at_the_start() -> None:
    fleet = Fleet([Twin("a", ["m", "k"]), Twin("b", ["m"])])
    await fleet.start()
    assert [model.id for model in fleet.models("acme")] == ["k", "m"]
    assert fleet.waits_for == []
    await fleet.close()


async def test_an_engine_that_goes_and_comes_is_noticed() -> None:
    twin = Twin()
    fleet = Fleet([twin], every_seconds=0.01)
    await fleet.start()
    twin.down = "it rests"
    await until(lambda: fleet.waits_for == ["twin: it rests"])
    twin.down = None
    await until(lambda: fleet.waits_for == [])
    await fleet.close()


@pytest.mark.parametrize("begun", [False, True])
async def test_an_engine_that_fails_a_call_is_looked_at_at_once(begun: bool) -> None:
    answer = [Delta(content="a")] if begun else []
    twin = Twin(script=lambda _: [*answer, Fault(EngineFailed("crashed. Try again."))])
    fleet = Fleet([twin], every_seconds=60)
    await fleet.start()
    await asyncio.sleep(LEAST_SECONDS)
    with pytest.raises(EngineFailed):
        await ask(fleet)
    twin.down = "it crashed"
    await until(lambda: fleet.waits_for == ["twin: it crashed"], LEAST_SECONDS)
    await fleet.close()


async def test_an_engine_that_takes_no_call_is_looked_at_at_once() -> None:
    twin = Twin()
    fleet = Fleet([twin], every_seconds=60)
    await fleet.start()
    twin.down = "it rests"
    with pytest.raises(RingfenceError):
        await ask(fleet)
    await until(lambda: fleet.waits_for == ["twin: it rests"], 2 * LEAST_SECONDS)
    await fleet.close()


async def test_an_engine_that_fails_often_is_looked_at_now_and_then() -> None:
    class Counted(Twin):
        looks = 0

        async def health(self):  # type: ignore[no-untyped-def]
            self.looks += 1
            return await super().health()

    twin = Counted(script=lambda _: [Fault(EngineFailed("crashed. Try again."))])
    fleet = Fleet([twin], every_seconds=60)
    await fleet.start()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while loop.time() - begun < 2.5 * LEAST_SECONDS:
        with pytest.raises(EngineFailed):
            await ask(fleet)
        await asyncio.sleep(0.001)
    assert 2 <= twin.looks <= 1 + (loop.time() - begun) / LEAST_SECONDS
    await fleet.close()


async def test_a_model_that_another_engine_serves_is_not_waited_for() -> None:
    first, second = Twin("first", ["m"]), Twin("second", ["m"])
    fleet = Fleet([first, second], every_seconds=0.01)
    await fleet.start()
    first.down = "it rests"
    await until(lambda: not fleet.seats[0].health.ready)
    assert fleet.waits_for == []
    await fleet.close()


async def test_a_server_that_never_came_is_not_waited_for_when_another_of_its_group_serves() -> None:
    first, second, other = Twin("e-1", ["m"]), Twin("e-2", ["m"]), Twin("other", ["k"])
    first.group = second.group = "e"
    first.down = other.down = "it rests"
    fleet = Fleet([first, second, other], every_seconds=0.01)
    await fleet.start()
    assert fleet.waits_for == ["other: it rests"]
    second.down = "it rests too"
    await until(lambda: fleet.waits_for == ["e-2: it rests too", "other: it rests"])
    await fleet.close()


async def test_a_health_check_that_breaks_is_no_health() -> None:
    class Broken(Twin):
        async def health(self):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    fleet = Fleet([Broken()])
    await fleet.start()
    assert "could not be read" in fleet.waits_for[0]
    await fleet.close()


async def test_closing_ends_a_first_look_that_hangs() -> None:
    class Hung(Twin):
        async def health(self):  # type: ignore[no-untyped-def]
            await asyncio.Event().wait()

    fleet = Fleet([Hung()])
    await fleet.start()
    await fleet.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
