"""Runs a plan: the first engine that takes the call answers it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from appliance.errors import EngineFailed, EngineUnavailable, PrivacyUnavailable
from inference.engine import Engine
from inference.messages import Call, Chunk
from inference.routing import Seat, on_site

# A call may meet an engine that leaves, and then another one; more than that is no swap.
MOST_PLANS = 4

Replan = Callable[[], Awaitable[Sequence[Seat]]]


async def run(plan: Sequence[Seat], call: Call, replan: Replan) -> AsyncGenerator[tuple[Seat, Chunk], None]:
    """Fails over only before the first chunk: after it, the caller may have seen part of an answer.

    What breaks an engine reaches no other one, unless that engine was told to end.
    """
    refusal: EngineUnavailable | EngineFailed = EngineUnavailable(
        f"No engine is planned for '{call.model}'. Configure one that serves it."
    )
    for plans_left in reversed(range(MOST_PLANS)):
        for seat in plan:
            if seat.leaving:
                continue
            if seat.engine.place == "cloud" and not call.scrubbed.for_cloud:
                raise PrivacyUnavailable(f"{seat.engine.name} may not have this text. Tell Ringfence's authors.")
            seat.in_flight += 1
            started = False
            try:
                async with aclosing(_chunks(seat.engine, call)) as chunks:
                    async for chunk in chunks:
                        started = True
                        yield seat, chunk
                if not started:
                    raise EngineFailed(f"{seat.engine.name} answered with nothing. Try again.")
                return
            except (EngineUnavailable, EngineFailed) as error:
                seat.doubted.set()
                if started or (isinstance(error, EngineFailed) and not seat.told_to_end):
                    raise
                refusal = error
            finally:
                seat.release()
        if not (plans_left and any(seat.leaving for seat in plan)):
            break
        plan = await replan()
        if not call.scrubbed.for_cloud:
            plan = on_site(plan)
    raise refusal


def _chunks(engine: Engine, call: Call) -> AsyncGenerator[Chunk, None]:
    if call.task in ("chat", "completions"):
        return engine.stream(call)
    return _one_piece(engine, call)


async def _one_piece(engine: Engine, call: Call) -> AsyncGenerator[Chunk, None]:
    if call.task == "embeddings":
        yield await engine.embed(call)
    elif call.task == "tokenize":
        yield await engine.tokenize(call)
    else:
        yield await engine.detokenize(call)
