"""Fits out a process of an engine, whatever its kind."""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.settings import Settings
from inference.llamacpp import LlamaCpp
from inference.llamacpp.launch import child_command
from inference.supervise.keeper import Kept
from inference.supervise.lifecycle import Timings
from inference.supervise.outfit import Outfit, Request
from inference.supervise.placement import NoPlace

if TYPE_CHECKING:
    from inference.supervise.launching import Launching

# A child is small: it is tried again as long as the appliance runs, though ever more rarely.
WITHOUT_END = 1 << 30


class Outfitting:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def fit(self, request: Request) -> Outfit | NoPlace:
        if request.engine.kind == "vllm":
            return self._launching.fit(request)
        engine, var = request.engine, self._settings.paths.var
        timings = Timings(stuck_seconds=engine.stuck_seconds, restarts=WITHOUT_END)
        return Outfit(
            model=request.wanted.model,
            kept=Kept(name=engine.name, command=child_command(engine, var), timings=timings),
            connect=lambda: LlamaCpp(engine, var),
        )

    def sweep(self, used: Collection[Path]) -> None:
        self._launching.sweep(used)

    @cached_property
    def _launching(self) -> "Launching":
        # The shelf and the arithmetic, which an appliance without such an engine needs not wait for.
        from inference.supervise.launching import Launching

        return Launching(self._settings)
