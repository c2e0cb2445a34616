from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from msgspec.structs import replace

from appliance.errors import EngineFailed, EngineUnavailable, PrivacyUnavailable, RingfenceError
from appliance.privacy.policy import Policy
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.scrubbed import own
from appliance.privacy.vault import Vault
from inference import converse
from inference.messages import Call, Chunk, Delta
from inference.routing import Seat
from inference.twin import Fault, Pause, Step, Twin

CALL = Call(task="chat", model="twin", scrubbed=own(b'{"messages":[{"role":"user","content":"one two"}]}'), stream=True)


async def nobody_leaves() -> list[Seat]:
    raise AssertionError("a plan was asked for again")


async def served_by(*twins: Twin) -> list[str]:
    return await answered([Seat(twin) for twin in twins])


async def answered(plan: list[Seat], replan: converse.Replan = nobody_leaves) -> list[str]:
    return [seat.engine.name async for seat, _ in converse.run(plan, CALL, replan)]


def leaves_while_asked(name: str, error: RingfenceError, *before: Step) -> Seat:
    """A seat that is told to leave while it has the call, and then breaks."""

    def script(_: dict[str, object]) -> list[Step]:
        seat.leave()
        return [*before, Fault(error)]

    seat = Seat(Twin(name, script=script))
    return seat


async def test_an_engine_that_does_not_take_the_call_hands_over() -> None:
    down, up = Twin("down"), Twin("up")
    down.down = "it rests"
    assert set(await served_by(down, up)) == {"up"}


async def test_a_cloud_never_has_a_text_that_was_sealed_for_the_site() -> None:
    far = Twin("far", place="cloud")
    local = Call(
        task="chat", model="twin", scrubbed=Vault(b"key", lambda _: [], Policy(), Memory(1)).seal("chat", b"{}")
    )
    with pytest.raises(PrivacyUnavailable, match="far may not"):
        async for _ in converse.run([Seat(far)], local, nobody_leaves):
            pass
    assert far.calls == []


async def test_the_last_refusal_is_told() -> None:
    down = Twin("down")
    down.down = "it rests"
    with pytest.raises(EngineUnavailable, match="it rests"):
        await served_by(down, down)


async def test_nothing_fails_over_after_the_first_chunk() -> None:
    broken = Twin("broken", script=lambda _: [Delta(content="a"), Fault(EngineUnavailable("gone. Try again."))])
    other = Twin("other")
    with pytest.raises(EngineUnavailable):
        await served_by(broken, other)
    assert other.calls == []


async def test_a_call_that_an_engine_broke_is_not_repeated() -> None:
    broken = Twin("broken", script=lambda _: [Fault(EngineFailed("crashed. Try again."))])
    other = Twin("other")
    with pytest.raises(EngineFailed):
        await served_by(broken, other)
    assert other.calls == []


async def test_an_answer_without_a_single_chunk_is_a_failure() -> None:
    class Silent(Twin):
        async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
            for chunk in ():
                yield chunk

    with pytest.raises(EngineFailed, match="answered with nothing"):
        await served_by(Silent())


async def test_leaving_early_frees_the_engine_and_its_seat() -> None:
    slow = Twin(script=lambda _: [Delta(content="a"), Pause(60), Delta(content="b")])
    seat = Seat(slow)
    async with aclosing(converse.run([seat], CALL, nobody_leaves)) as chunks:
        await anext(chunks)
        assert (slow.running, seat.in_flight) == (1, 1)
    assert (slow.running, seat.in_flight) == (0, 0)


@pytest.mark.parametrize("error", [EngineFailed("killed. Try again."), EngineUnavailable("full. Try again.")])
async def test_what_an_engine_that_leaves_did_not_begin_is_asked_of_the_next_plan(error: RingfenceError) -> None:
    old, new = leaves_while_asked("old", error), Twin("new")

    async def replan() -> list[Seat]:
        return [Seat(new)]

    assert set(await answered([old], replan)) == {"new"}
    assert (old.in_flight, old.vacated.is_set(), len(new.calls)) == (0, True, 1)


async def test_what_an_engine_that_leaves_has_begun_is_never_repeated() -> None:
    old = leaves_while_asked("old", EngineFailed("killed. Try again."), Delta(content="a"))
    with pytest.raises(EngineFailed, match="killed"):
        await answered([old])


async def test_who_was_planned_and_leaves_before_its_turn_is_not_asked() -> None:
    old, new = Seat(Twin("old")), Twin("new")
    old.leave()

    async def replan() -> list[Seat]:
        return [Seat(new)]

    assert set(await answered([old], replan)) == {"new"}
    assert old.engine.calls == []


async def test_the_next_engine_of_the_same_plan_may_take_what_one_that_leaves_broke() -> None:
    old, other = leaves_while_asked("old", EngineFailed("killed. Try again.")), Twin("other")
    assert set(await answered([old, Seat(other)])) == {"other"}


async def test_a_call_that_breaks_the_engine_after_one_that_left_ends_there() -> None:
    error = EngineFailed("crashed. Try again.")
    old, broken, other = (
        leaves_while_asked("old", error),
        Twin("broken", script=lambda _: [Fault(error)]),
        Twin("other"),
    )

    async def replan() -> list[Seat]:
        return [Seat(broken), Seat(other)]

    with pytest.raises(EngineFailed, match="crashed"):
        await answered([old], replan)
    assert (len(broken.calls), other.calls) == (1, [])


async def test_a_call_does_not_wander_for_ever() -> None:
    asked: list[Seat] = []

    async def replan() -> list[Seat]:
        asked.append(leaves_while_asked(f"old-{len(asked)}", EngineFailed("killed. Try again.")))
        return asked[-1:]

    with pytest.raises(EngineFailed, match="killed"):
        await answered(await replan(), replan)
    assert len(asked) == converse.MOST_PLANS


async def test_a_text_that_was_sealed_for_the_site_stays_there_in_a_new_plan() -> None:
    old, far = leaves_while_asked("old", EngineFailed("killed. Try again.")), Twin("far", place="cloud")
    scrubbed = Vault(b"key", lambda _: [], Policy(), Memory(1)).seal("chat", CALL.body)

    async def replan() -> list[Seat]:
        return [Seat(far)]

    with pytest.raises(EngineFailed, match="killed"):
        async for _ in converse.run([old], replace(CALL, scrubbed=scrubbed), replan):
            pass
    assert far.calls == []


async def test_what_may_have_broken_an_engine_that_is_gone_reaches_no_other() -> None:
    def script(_: dict[str, object]) -> list[Step]:
        gone.leave(told_to_end=False)
        return [Fault(EngineFailed("crashed. Try again."))]

    gone, other = Seat(Twin("gone", script=script)), Twin("other")
    with pytest.raises(EngineFailed, match="crashed"):
        await answered([gone, Seat(other)])
    assert other.calls == []
