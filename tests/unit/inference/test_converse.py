from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from appliance.errors import EngineFailed, EngineUnavailable, PrivacyUnavailable
from appliance.privacy.policy import Policy
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.scrubbed import own
from appliance.privacy.vault import Vault
from inference import converse
from inference.messages import Call, Chunk, Delta
from inference.routing import Seat
from inference.twin import Fault, Pause, Twin

CALL = Call(task="chat", model="twin", scrubbed=own(b'{"messages":[{"role":"user","content":"one two"}]}'), stream=True)


async def served_by(*twins: Twin) -> list[str]:
    return [seat.engine.name async for seat, _ in converse.run([Seat(twin) for twin in twins], CALL)]


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
        async for _ in converse.run([Seat(far)], local):
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
    async with aclosing(converse.run([seat], CALL)) as chunks:
        await anext(chunks)
        assert (slow.running, seat.in_flight) == (1, 1)
    assert (slow.running, seat.in_flight) == (0, 0)
