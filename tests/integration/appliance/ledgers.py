"""A ledger on a real database, for tests."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from appliance.audit import Entry, Ledger
from appliance.audit.report import Report, export, verify
from appliance.db import Database
from appliance.migrations import runner
from appliance.settings import Audit

KEY = b"an audit key of thirty-two bytes"


def entry(label: str, number: int) -> Entry:
    return Entry(action="chat", request_id=f"{label}-{number}", user="usr_1", model="m", money=number)


@dataclass(frozen=True)
class Site:
    database: Database
    anchor: Path

    @asynccontextmanager
    async def ledger(self, writer: str, settings: Audit | None = None) -> AsyncIterator[Ledger]:
        ledger = Ledger(self.database, settings or Audit(batch_milliseconds=5), KEY, self.anchor, writer)
        await ledger.start()
        try:
            yield ledger
        finally:
            await ledger.close()

    async def write(self, writer: str, batches: int = 1, each: int = 1, tenant: str = "acme") -> None:
        """A run of a writer that stores each batch in a block of its own."""
        async with self.ledger(writer, Audit(durability="strict")) as ledger:
            for batch in range(batches):
                for number in range(each):
                    ledger.record(tenant, entry(writer, batch * each + number))
                await ledger.durable()

    async def verify(self) -> Report:
        return await verify(self.database, KEY, [self.anchor])

    async def entries(self, **chosen: Any) -> list[dict[str, Any]]:
        return [json.loads(line) async for line in export(self.database, **chosen)]

    async def requests(self) -> list[str]:
        return sorted(each["request_id"] for each in await self.entries())

    async def execute(self, *statements: str, **values: Any) -> None:
        async with self.database.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement), values)

    async def disarm(self) -> None:
        """Removes what keeps the table append-only, as somebody who owns the database could."""
        if self.database.is_sqlite:
            names = ("update", "delete", "replace")
            await self.execute(*(f"DROP TRIGGER ledger_blocks_no_{name}" for name in names))
        else:
            await self.execute("DROP TRIGGER ledger_blocks_append_only ON ledger_blocks")


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Site]:
    database = Database(url)
    try:
        await runner.upgrade(database)
        yield Site(database, folder / "audit.anchor")
    finally:
        await database.close()
