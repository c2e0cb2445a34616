"""Engines that Ringfence launches: the program, the weights and the GPUs; or how they are, while the appliance runs."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable

from api.checks.finding import Finding, fail, ok, parted, refusal, warn
from appliance.errors import RingfenceError
from appliance.settings import EngineSettings, Settings
from inference.control import Order, Status
from inference.ordering import ask
from inference.supervise import decided
from inference.supervise.outfit import Outfit, Request
from inference.supervise.outfitting import Outfitting
from inference.supervise.placement import NoPlace, Taken

ANSWER_SECONDS = 10.0


async def examine_launches(settings: Settings, *, serving: bool) -> AsyncIterator[Finding]:
    launched = [engine for engine in settings.engines if engine.launch.model]
    if not launched:
        return
    if serving:
        for finding in await _as_told(settings):
            yield finding
        return
    known = decided.read(settings.paths.var)
    taken: list[Taken] = []
    for engine in launched:
        wanted = decided.wanted_now(engine, known)
        if wanted.stopped:
            yield warn(engine.name, "was told to stop", f"Start it with `ringfence engines start {engine.name}`.")
            continue
        yield program(engine)
        request = Request(engine=engine, wanted=wanted, post="doctor", aside=known.set_aside, taken=tuple(taken))
        yield await asyncio.to_thread(place, Outfitting(settings).fit, request, taken)


async def _as_told(settings: Settings) -> list[Finding]:
    """The supervisor knows: GPUs that its engines hold would look taken from here."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            done = await ask(settings.paths.var, Order(verb="list"))
    except TimeoutError:
        return [fail("engines", "the supervisor does not answer", "See the log of `ringfence serve`; restart it.")]
    except RingfenceError as error:
        return [refusal("engines", error)]
    aside = [fail("gpu", *parted(fault)) for fault in done.set_aside.values()]
    return [*(told(status) for status in done.engines if status.kind == "vllm"), *aside]


def told(status: Status) -> Finding:
    remedy = f"Run `ringfence engines why {status.engine}`."
    how = " ".join(filter(None, (status.state, status.progress)))
    if status.state == "serving":
        return ok(status.engine, f"serves {status.model} as {', '.join(status.names)}")
    if status.state == "failed":
        return fail(status.engine, f"{how}: {status.reason.rstrip('.')}", remedy)
    return warn(status.engine, f"{how}: {status.reason.rstrip('.')}" if status.reason else how, remedy)


def program(engine: EngineSettings) -> Finding:
    name = engine.launch.program[0]
    found = shutil.which(name)
    if found is None:
        remedy = "Install vLLM in an environment of its own, and name its program in `launch.program`."
        return fail(engine.name, f"there is no program {name}", remedy)
    return ok(engine.name, f"is started by {found}")


def place(fit: Callable[[Request], Outfit | NoPlace], request: Request, taken: list[Taken]) -> Finding:
    """Where it would go, beside the ones that were looked at before; adds what it takes."""
    name, model = request.engine.name, request.wanted.model
    try:
        found = fit(request)
    except RingfenceError as error:
        return refusal(name, error)
    if isinstance(found, NoPlace):
        return fail(name, *parted(found.reason))
    if found.taken is not None:
        taken.append(found.taken)
    return ok(name, f"{model} in {found.precision} fits GPU {', '.join(found.gpus)}")
