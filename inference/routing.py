"""Which engines may take a call, best first. Pure: state goes in, a plan comes out."""

import asyncio
from collections.abc import Sequence

from appliance.errors import EngineUnavailable, NotFound
from inference.engine import Engine
from inference.messages import Health, ServedModel, Task

STARTING = Health(ready=False, reason="it has not answered yet")


class Seat:
    """One engine as a worker sees it: what it serves, how it fares, how much of ours it is doing.

    Whoever sees it fail sets `doubted`, so that its watch looks at it at once.
    """

    __slots__ = ("doubted", "engine", "health", "in_flight", "models")

    def __init__(self, engine: Engine, models: tuple[ServedModel, ...] = (), health: Health = STARTING) -> None:
        self.engine = engine
        self.models = {model.id: model for model in models}
        self.health = health
        self.in_flight = 0
        self.doubted = asyncio.Event()

    @property
    def trouble(self) -> str:
        return f"{self.engine.name}: {self.health.reason.rstrip('.')}"

    def __repr__(self) -> str:
        return f"Seat({self.engine.name}, ready={self.health.ready}, in_flight={self.in_flight})"


def plan(seats: Sequence[Seat], model: str, task: Task) -> list[Seat]:
    """Ready engines, on site before cloud, the least busy first; an error that says why when there is none."""
    serving = [seat for seat in seats if model in seat.models]
    if not serving:
        _refuse_while_unknown(seats, model)
        raise NotFound(
            f"The model '{model}' does not exist or you do not have access to it. GET /v1/models lists the models.",
            param="model",
            code="model_not_found",
        )
    able = [seat for seat in serving if task in seat.models[model].tasks]
    if not able:
        raise NotFound(
            f"The model '{model}' does not do {task}. Choose another; GET /v1/models lists the models.",
            param="model",
            code="model_not_found",
        )
    ready = [seat for seat in able if seat.health.ready]
    if not ready:
        raise EngineUnavailable(f"No engine can answer for '{model}' now ({_reasons(able)}). Try again shortly.")
    if len(ready) > 1:
        ready.sort(key=lambda seat: (seat.engine.place == "cloud", seat.in_flight))
    return ready


def on_site(seats: Sequence[Seat]) -> list[Seat]:
    return [seat for seat in seats if seat.engine.place == "on_site"]


def find_unknown(seats: Sequence[Seat]) -> list[Seat]:
    """Those of which nobody knows what they serve, because they and their whole group have not said yet."""
    known = {seat.engine.group for seat in seats if seat.models}
    return [seat for seat in seats if seat.engine.group not in known]


def _refuse_while_unknown(seats: Sequence[Seat], model: str) -> None:
    """An engine that has not said yet what it serves may be the one for this model."""
    if unknown := find_unknown(seats):
        raise EngineUnavailable(f"Engines are still starting ({_reasons(unknown)}). Try again shortly.")


def _reasons(seats: Sequence[Seat]) -> str:
    return "; ".join(seat.trouble for seat in seats)
