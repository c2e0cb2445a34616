"""`ringfence serve`: a small supervisor that binds the port, keeps workers and engines running, drains them.

It imports neither the web framework nor the database, so that it starts at once and has little to break.
"""

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from api import probe, scrape, sockets, welcome
from api.terminal import own_terminal
from appliance import config, enginefigures, log, metrics, settings
from appliance.children import REFUSED, Children, Program
from appliance.errors import RingfenceError
from appliance.gpus.watch import watching
from inference.control import socket_of
from inference.supervise.crew import Crew, Places
from inference.supervise.desk import Desk
from inference.supervise.orders import Orders
from inference.supervise.outfitting import Outfitting

logger = logging.getLogger(__name__)

MOST_WORKERS = 4
# After the drain a worker still closes its ledger, its leases and its pools.
CLOSE_SECONDS = 10.0
PROBE_SECONDS = 0.05
REPORT_SECONDS = 2.0


class Plan(Struct, frozen=True):
    """What one appliance runs, and where it answers."""

    workers: tuple[Program, ...]
    address: tuple[str, int]
    metrics: Path


class Supervisor:
    """Runs a plan until it is told to stop."""

    def __init__(self, plan: Plan, crew: Crew, on_ready: Callable[[], None]) -> None:
        self.plan = plan
        self.workers = Children(plan.workers, self._on_worker_exit)
        self.engines = crew
        self.ready = False
        self.on_ready = on_ready
        self._stop = asyncio.Event()
        self._failed = False

    async def run(self) -> int:
        """The exit status: 0 when everything ended by itself."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        self.engines.start()
        self.workers.start()
        watch = asyncio.create_task(self._watch_readiness())
        await self._stop.wait()
        watch.cancel()
        drained = await self.workers.stop()
        # Only now: the requests that were draining needed their engine.
        ended = await self.engines.stop()
        logger.info("stopped")
        return 0 if drained and ended and not self._failed else 1

    def _on_worker_exit(self, pid: int, status: int) -> None:
        metrics.forget(str(self.plan.metrics), pid)
        if status == REFUSED and not self.ready:
            self._failed = True
            self._stop.set()

    def _on_signal(self) -> None:
        if self._stop.is_set():
            logger.warning("told to stop again: running requests are cut")
            self.workers.kill()
            self.engines.kill()
            return
        logger.info("draining: running requests may end; a second signal cuts them")
        self._stop.set()

    async def _watch_readiness(self) -> None:
        """Until the first request could be answered."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        report_at = begun + REPORT_SECONDS
        while True:
            status, body = await probe.get(self.plan.address, "/health/ready")
            if status == 200:
                break
            if loop.time() >= report_at:
                logger.info("still starting: %s", probe.message(body) or "the workers load")
                report_at = loop.time() + 5 * REPORT_SECONDS
            await asyncio.sleep(PROBE_SECONDS)
        self.ready = True
        logger.info("ready", extra={"seconds": round(loop.time() - begun, 2)})
        self.on_ready()


def run(chosen: settings.Settings, arguments: tuple[str, ...], foreground: bool) -> int:
    """Serves until told to stop; `arguments` lead the workers to the same settings."""
    log.start(chosen.log, "supervisor")
    folder = chosen.paths.var / "run"
    with only_one(folder), ExitStack() as stack:
        listeners = sockets.listen(chosen.server, worker_count(chosen.server))
        for listener in listeners:
            stack.enter_context(listener)
        if foreground:
            stack.enter_context(own_terminal())
        shared = fresh_metrics(chosen)
        stack.enter_context(watching(shared))
        plan = Plan(
            workers=worker_programs(chosen.server, listeners, shared, arguments),
            address=probe.reachable(listeners[0].getsockname()),
            metrics=shared,
        )
        return asyncio.run(_run(plan, chosen, foreground))


async def _run(plan: Plan, chosen: settings.Settings, foreground: bool) -> int:
    def say_welcome() -> None:
        if foreground:
            sys.stdout.write(welcome.text(chosen, plan.address))
            sys.stdout.flush()

    crew = Crew(engines_here(chosen), Outfitting(chosen), Places(chosen.paths.var, plan.metrics))
    desk = Desk(crew.board, Orders(crew).carry_out)
    async with (
        scrape.serving(chosen.metrics, lambda: metrics.render(str(plan.metrics))),
        desk.open(socket_of(chosen.paths.var)),
    ):
        return await Supervisor(plan, crew, say_welcome).run()


def worker_count(server: settings.Server) -> int:
    return server.workers or min(MOST_WORKERS, len(os.sched_getaffinity(0)))


def engines_here(chosen: settings.Settings) -> tuple[settings.EngineSettings, ...]:
    """Those that run on this machine, as children of ours."""
    return tuple(engine for engine in chosen.engines if engine.kind == "llamacpp" or engine.launch.model)


def worker_programs(
    server: settings.Server, listeners: list[socket.socket], shared: Path, arguments: tuple[str, ...]
) -> tuple[Program, ...]:
    fds = tuple(listener.fileno() for listener in listeners)

    def program(index: int) -> Program:
        name = f"worker-{index + 1}"
        # Its own socket first.
        given = ",".join(map(str, (fds[index], *fds[:index], *fds[index + 1 :])))
        return Program(
            name=name,
            command=(sys.executable, "-P", "-m", "api.worker", "--fds", given, "--name", name, *arguments),
            environment=config.environment({"PROMETHEUS_MULTIPROC_DIR": str(shared)}),
            fds=fds,
            grace=server.drain_seconds + CLOSE_SECONDS,
        )

    return tuple(program(index) for index in range(len(fds)))


@contextmanager
def only_one(run: Path) -> Iterator[None]:
    """Two appliances on one `paths.var` would overwrite each other's files."""
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (run / "serve.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise RingfenceError(
                f"An appliance already runs on {run.parent} (process {file.read().strip()}). "
                "Stop it, or give this one a folder of its own with RINGFENCE_PATHS_VAR."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def running(run: Path) -> int | None:
    """The process id of the appliance that runs on this folder now."""
    try:
        with (run / "serve.pid").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
    except (OSError, ValueError):
        return None
    return None


def fresh_metrics(chosen: settings.Settings) -> Path:
    """An empty folder for the series that workers share; those of the last run would be counted again."""
    folder = metrics.metrics_folder(chosen)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in (*folder.glob("*.db"), folder / enginefigures.FILE):
        file.unlink(missing_ok=True)
    return folder
