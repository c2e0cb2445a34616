"""A process that writes the ledger until it is done or killed."""

import asyncio
import multiprocessing
import random
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, NamedTuple

from appliance.audit import Ledger
from appliance.db import Database
from appliance.settings import Audit
from tests.integration.appliance.ledgers import KEY, Site, entry


class Task(NamedTuple):
    url: str
    anchor: Path
    label: str
    durability: Literal["batch", "strict"]
    entries: int | None  # none: until it is killed


class LedgerProcess:
    def __init__(
        self, site: Site, label: str, durability: Literal["batch", "strict"], entries: int | None = None
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._reports, writing = context.Pipe(duplex=False)
        url = site.database.url.render_as_string(hide_password=False)
        task = Task(url, site.anchor, label, durability, entries)
        self._process = context.Process(target=_run, args=(task, writing))
        self._process.start()
        writing.close()

    def wait_until_writing(self) -> None:
        assert self._reports.poll(60), "it wrote nothing"

    def kill(self) -> None:
        self._process.kill()

    def acknowledged(self) -> int:
        """Waits for its end; how many entries it knew to be stored."""
        newest = 0
        try:
            while True:
                newest = self._reports.recv()
        except EOFError:
            return newest
        finally:
            self._process.join(60)

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode


def _run(task: Task, reports: Connection) -> None:
    asyncio.run(_write(task, reports))


async def _write(task: Task, reports: Connection) -> None:
    database = Database(task.url)
    settings = Audit(durability=task.durability, batch_milliseconds=5)
    ledger = Ledger(database, settings, KEY, task.anchor, task.label)
    await ledger.start()
    for number in count() if task.entries is None else range(task.entries):
        ledger.record(f"tenant-{number % 3}", entry(task.label, number))
        if random.random() < 0.1:
            await ledger.durable()
            if task.durability == "strict":
                reports.send(number + 1)
            await asyncio.sleep(random.random() / 500)
    await ledger.close()
    await database.close()
    if task.entries is not None:
        reports.send(task.entries)
