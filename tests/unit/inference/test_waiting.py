import asyncio

import pytest

from appliance.errors import EngineUnavailable
from inference.waiting import Bounds, WaitingRoom


def room(seconds: float = 60.0, requests: int = 2) -> tuple[WaitingRoom, list[str]]:
    counted: list[str] = []
    return WaitingRoom({"e": Bounds(seconds, requests)}, counted.append), counted


async def test_news_wake_all_who_wait() -> None:
    made, counted = room(requests=1000)

    async def wait() -> None:
        with made.place("e") as until:
            await made.news("e", until)

    waiting = [asyncio.create_task(wait()) for _ in range(1000)]
    await asyncio.sleep(0)
    assert (made.present["e"], len(counted)) == (1000, 1000)
    made.tell()
    await asyncio.gather(*waiting)
    assert made.present["e"] == 0


async def test_more_than_fit_are_refused_at_once() -> None:
    made, counted = room()
    with made.place("e"), made.place("e"), pytest.raises(EngineUnavailable, match="2 requests wait"), made.place("e"):
        pass
    assert (made.present["e"], counted) == (0, ["e", "e"])


async def test_a_wait_is_bounded_and_says_when_to_come_again() -> None:
    made, _ = room(seconds=0.05)
    with pytest.raises(EngineUnavailable, match="has not come up in time") as refusal, made.place("e") as until:
        while True:
            made.tell()  # what is no news for us does not begin the wait anew
            await made.news("e", until)
    assert 1.0 <= refusal.value.retry_after <= 60.0
    assert made.present["e"] == 0


async def test_who_goes_leaves_a_place() -> None:
    made, _ = room(requests=1)

    async def wait() -> None:
        with made.place("e") as until:
            await made.news("e", until)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert made.present["e"] == 0
    with made.place("e"):
        pass
