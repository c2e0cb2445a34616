"""Which engines may take a call, best first. Pure: state goes in, a plan comes out."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from appliance.errors import EngineUnavailable, NotFound, RingfenceError
from inference.engine import Engine
from inference.messages import Health, ServedModel, Task
from inference.roster import Absence, Called, Hold, Post

STARTING = Health(ready=False, reason="it has not answered yet")


class Seat:
    """One engine as a worker sees it: what it serves, how it fares, how much of ours it is doing.

    Whoever sees it fail sets `doubted`, so that its watch looks at it at once.
    """

    __slots__ = (
        "doubted", "engine", "health", "in_flight", "label", "leaving",
        "looked", "models", "post", "told_to_end", "vacated",
    )  # fmt: skip

    def __init__(self, engine: Engine, models: tuple[ServedModel, ...] = (), health: Health = STARTING) -> None:
        self.engine = engine
        self.label = engine.name
        """Its name in metrics, of which there may not be ever more."""
        self.post: Post | None = None
        """Of an engine that runs here: it alone says which models are whose."""
        self.models = {model.id: model for model in models}
        self.health = health
        self.in_flight = 0
        self.leaving = False
        """It gets no new requests."""
        self.told_to_end = False
        """What it breaks now is no fault of the request. One that has gone of itself may have been broken by it."""
        self.doubted = asyncio.Event()
        self.looked = asyncio.Event()
        self.vacated = asyncio.Event()
        """It leaves, and our last request there is over."""

    @property
    def trouble(self) -> str:
        return f"{self.engine.name}: {self.health.reason.rstrip('.')}"

    @property
    def known(self) -> bool:
        """It has said what it serves; of an engine that runs here, all that it should."""
        adapters = self.post.adapters if self.post else ()
        return bool(self.models) and all(each.name in self.models for each in adapters)

    @property
    def promised(self) -> set[str]:
        return set(self.post.names if self.post else self.models)

    def serves(self, model: str, tenant: str) -> bool:
        return model in self.models and not self.leaving and (self.post is None or self.post.answers_to(model, tenant))

    def leave(self, *, told_to_end: bool = True) -> None:
        self.leaving, self.told_to_end = True, told_to_end
        if not self.in_flight:
            self.vacated.set()

    def release(self) -> None:
        self.in_flight -= 1
        if self.leaving and not self.in_flight:
            self.vacated.set()

    def __repr__(self) -> str:
        return f"Seat({self.engine.name}, ready={self.health.ready}, in_flight={self.in_flight})"


class Vacant(Struct, frozen=True):
    """Engines without a seat."""

    holds: tuple[Hold, ...] = ()
    absent: tuple[Absence, ...] = ()


def plan(seats: Sequence[Seat], vacant: Vacant, model: str, task: Task, tenant: str) -> list[Seat]:
    """Ready engines, on site before cloud, the least busy first.

    None where one is on its way; an error that says why where there is none.
    """
    able = [seat for seat in seats if seat.serves(model, tenant) and task in seat.models[model].tasks]
    ready = [seat for seat in able if seat.health.ready]
    if len(ready) > 1:
        ready.sort(key=lambda seat: (seat.engine.place == "cloud", seat.in_flight))
    if not ready and find_coming(seats, vacant, model, tenant) is None:
        raise _refusal(seats, vacant, model, task, tenant)
    return ready


def find_coming(seats: Sequence[Seat], vacant: Vacant, model: str, tenant: str) -> str | None:
    """The engine that a call for this model waits for: one that is swapped in place, or has only just come up."""
    coming: list[Called] = [seat.post for seat in seats if seat.post and not seat.leaving and not seat.models]
    return next((each.engine for each in (*vacant.holds, *coming) if each.answers_to(model, tenant)), None)


def on_site(seats: Sequence[Seat]) -> list[Seat]:
    return [seat for seat in seats if seat.engine.place == "on_site"]


def find_unknown(seats: Sequence[Seat]) -> list[Seat]:
    """Those of which nobody knows what they serve, because they and their whole group have not said yet."""
    known = {seat.engine.group for seat in seats if seat.models}
    return [seat for seat in seats if not (seat.post or seat.leaving) and seat.engine.group not in known]


def _refusal(seats: Sequence[Seat], vacant: Vacant, model: str, task: Task, tenant: str) -> RingfenceError:
    serving = [seat for seat in seats if seat.serves(model, tenant)]
    if serving and not any(task in seat.models[model].tasks for seat in serving):
        return NotFound(
            f"The model '{model}' does not do {task}. Choose another; GET /v1/models lists the models.",
            param="model",
            code="model_not_found",
        )
    away = [each for each in vacant.absent if each.answers_to(model, tenant)]
    if serving or away:
        return EngineUnavailable(
            f"No engine can answer for '{model}' now ({_reasons(serving, away)}). Try again shortly."
        )
    # An engine that has not said yet what it serves may be the one for this model.
    unknown, unnamed = find_unknown(seats), [each for each in vacant.absent if not each.names]
    if unknown or unnamed:
        return EngineUnavailable(f"Engines are still starting ({_reasons(unknown, unnamed)}). Try again shortly.")
    return NotFound(
        f"The model '{model}' does not exist or you do not have access to it. GET /v1/models lists the models.",
        param="model",
        code="model_not_found",
    )


def _reasons(seats: Sequence[Seat], absent: Sequence[Absence]) -> str:
    return "; ".join([*(seat.trouble for seat in seats), *(absence.trouble for absence in absent)])
