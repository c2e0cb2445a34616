"""One API process: `python -m api.worker`, started by `ringfence serve`."""

import argparse
import gc
import logging
import socket
import sys
from pathlib import Path

import uvloop

from api import listener, wiring
from api.app import App
from appliance import config, log
from appliance.children import REFUSED
from appliance.errors import ConfigError, RingfenceError, SchemaMismatch
from appliance.metrics import Metrics, metrics_folder
from appliance.settings import Settings

# A busy event loop lets a thread run only when it must: a transaction in a thread waits this long dozens of times.
SWITCH_SECONDS = 0.0005
# Requests leave few cycles behind. At Python's default of 700 objects a tenth of the time went into looking for them.
COLLECT_AFTER = 20_000

logger = logging.getLogger(__name__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fds", required=True, help="the listening sockets, this worker's own first")
    parser.add_argument("--name", required=True)
    parser.add_argument("--config", type=Path)
    given = parser.parse_args()
    settings = config.load(given.config)
    log.start(settings.log, given.name)
    sys.exit(run(settings, given.name, [socket.socket(fileno=int(fd)) for fd in given.fds.split(",")]))


def run(settings: Settings, name: str, listening: list[socket.socket]) -> int:
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        uvloop.run(_serve(settings, name, listening))
    except RingfenceError as error:
        logger.critical("%s", error.message, extra={"code": error.code})
        return REFUSED if isinstance(error, ConfigError | SchemaMismatch) else 1
    return 0


async def _serve(settings: Settings, name: str, listening: list[socket.socket]) -> None:
    shared = Metrics(shared=str(metrics_folder(settings)))
    async with wiring.build(settings, name, metrics=shared) as ring:
        # What stands now stays: the collector need not look at it again under load.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
        await listener.serve(App(ring), listening, settings.server)


if __name__ == "__main__":
    main()
