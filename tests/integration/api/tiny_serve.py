"""`ringfence serve` with tiny workers: `python tiny_serve.py VAR PORT WORKERS DRAIN MODE`."""

import asyncio
import sys
from pathlib import Path

from api import probe, serve
from appliance import log, settings
from appliance.children import Backoff, Program


def main() -> int:
    var, port, workers, drain, mode = sys.argv[1:]
    server = settings.Server(port=int(port), workers=int(workers), drain_seconds=float(drain))
    log.start(settings.Log(), "supervisor")
    folder = Path(var) / "run"
    with serve.only_one(folder), serve.listen(server) as listener:
        fd = str(listener.fileno())
        programs = tuple(
            Program(
                name=f"worker-{number}",
                command=(sys.executable, "-m", "tests.integration.api.tiny_worker", fd, drain, mode),
                fds=(listener.fileno(),),
                grace=server.drain_seconds + 5,
                backoff=Backoff(first=0.05),
            )
            for number in range(serve.worker_count(server))
        )
        plan = serve.Plan(
            workers=programs,
            engines=(Program(name="engine", command=("sleep", "600"), captured=True),),
            address=probe.reachable(listener.getsockname()),
            metrics=serve.fresh_metrics(folder),
        )
        return asyncio.run(serve.Supervisor(plan, lambda: print("READY", *plan.address, flush=True)).run())


if __name__ == "__main__":
    sys.exit(main())
