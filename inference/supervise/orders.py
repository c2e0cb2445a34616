"""Orders of people, carried out by the crew."""

import asyncio
from collections.abc import Coroutine

from appliance.errors import Conflict, InvalidRequest
from inference.control import Done, Order
from inference.supervise import adapters
from inference.supervise.berth import Berth
from inference.supervise.crew import Crew
from inference.supervise.decided import by_settings, swapped
from inference.supervise.desk import Say
from inference.supervise.log import LINES

Job = Coroutine[None, None, None]


class Orders:
    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def carry_out(self, order: Order, say: Say) -> Done:
        """What is begun goes on when whoever asked has gone."""
        crew = self._crew
        if order.verb == "list":
            return crew.done()
        if order.verb == "trust":
            crew.trust(order.gpu)
            return crew.done()
        berth = crew.berth(order.engine)
        if order.verb == "why":
            return _with_crashes(crew.done([berth]), berth)
        if order.verb == "logs":
            await _read_out(berth, order, say)
        else:
            words, job = self._job(berth, order, say)
            work = crew.begin_work(berth, words, job)
            if order.wait:
                await asyncio.shield(work)
        return crew.done([berth])

    def _job(self, berth: Berth, order: Order, say: Say) -> tuple[str, Job]:
        if order.verb == "start":
            return "a start", berth.start(say)
        if order.verb == "stop":
            return "a stop", berth.stop(say)
        if order.verb == "load":
            return f"loading {order.adapter}", adapters.load(self._crew, berth, order)
        if order.verb == "unload":
            return f"unloading {order.adapter}", adapters.unload(self._crew, berth, order)
        _check_swap(berth, order)
        model = order.model or berth.wanted.model
        return f"a swap to {model}", self._crew.swap(
            berth, swapped(berth.wanted, order, by_settings(berth.engine)), say
        )


def _check_swap(berth: Berth, order: Order) -> None:
    if berth.engine.kind == "llamacpp" and (order.model or order.precision or order.weights):
        raise InvalidRequest(
            f"{berth.name} is a llama.cpp engine: its model stands in the settings. Change `weights` there and start "
            "the appliance again.",
            param="model",
        )
    loaded = ", ".join(each.name for each in berth.wanted.adapters)
    if loaded and order.model not in ("", berth.wanted.model):
        raise Conflict(
            f"{berth.name} has adapters that go with {berth.wanted.model} alone: {loaded}. Unload them first, with "
            f"`ringfence engines adapters unload {berth.name} NAME`."
        )


def _with_crashes(done: Done, berth: Berth) -> Done:
    return Done(engines=done.engines, crashes=tuple(berth.log.crashes), set_aside=done.set_aside)


async def _read_out(berth: Berth, order: Order, say: Say) -> None:
    # Nothing is awaited in between, so that no line is missed or comes twice.
    with berth.log.subscribe() as coming:
        count = min(max(order.lines, 0), LINES)
        for line in list(berth.log.lines)[-count:] if count else []:
            say(line)
        while order.follow:
            say(await coming.get())
