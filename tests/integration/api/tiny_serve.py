"""`ringfence serve` with tiny workers: `python -m tests.integration.api.tiny_serve VAR PORT WORKERS DRAIN MODE`."""

import asyncio
import sys
from collections.abc import Collection
from pathlib import Path

from msgspec.structs import replace

from api import probe, serve, sockets
from appliance import log, settings
from appliance.children import Backoff, Program
from appliance.settings import EngineSettings
from inference.command import Command
from inference.supervise.crew import Crew, Places
from inference.supervise.keeper import Kept
from inference.supervise.outfit import Outfit, Request
from inference.twin import Twin


def main() -> int:
    var, port, workers, drain, mode = sys.argv[1:]
    server = settings.Server(port=int(port), workers=int(workers), drain_seconds=float(drain))
    chosen = settings.Settings(server=server, paths=settings.Paths(var=Path(var)))
    log.start(settings.Log(), "supervisor")
    folder = Path(var) / "run"
    with serve.only_one(folder):
        listeners = sockets.listen(server, server.workers)
        programs = serve.worker_programs(server, listeners, serve.fresh_metrics(chosen), ())
        plan = serve.Plan(
            workers=tuple(tiny(program, drain, mode) for program in programs),
            address=probe.reachable(listeners[0].getsockname()),
            metrics=folder / "metrics",
        )
        return asyncio.run(run(plan, Path(var)))


async def run(plan: serve.Plan, var: Path) -> int:
    crew = Crew([EngineSettings(name="engine", kind="llamacpp", weights="none")], Asleep(), Places(var, var))
    return await serve.Supervisor(plan, crew, lambda: print("READY", *plan.address, flush=True)).run()


class Asleep:
    def fit(self, request: Request) -> Outfit:
        command = Command(("sleep", "600"), {})
        return Outfit(model="none", kept=Kept(name=request.engine.name, command=command), connect=Twin)

    def sweep(self, used: Collection[Path]) -> None:
        raise AssertionError("it has no adapters")


def tiny(program: Program, drain: str, mode: str) -> Program:
    fds = program.command[program.command.index("--fds") + 1]
    command = (sys.executable, "-m", "tests.integration.api.tiny_worker", fds, drain, mode)
    return replace(program, command=command, backoff=Backoff(first=0.05))


if __name__ == "__main__":
    sys.exit(main())
