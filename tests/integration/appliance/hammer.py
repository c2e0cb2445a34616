"""A process that asks as fast as it can: `python -m tests.integration.appliance.hammer` URL KIND LIMIT OFFSET SECONDS
QUIET.

It ends after SECONDS, or when nothing was admitted for QUIET of them, and prints, a line each, when its requests began
and ended by the clock that all processes of a host share.
"""

import asyncio
import sys
import time

from appliance.db import Database
from appliance.errors import LimitExceeded
from appliance.limits import Estimate, Limits
from appliance.limits.budget import Kind
from appliance.settings import Bounds, Price
from appliance.settings import Limits as Settings
from tests.integration.appliance.workers import ACME

AT_ONCE = 8


async def hammer(limits: Limits, seconds: float, quiet: float) -> None:
    last = time.monotonic()
    end = last + seconds
    while time.monotonic() < min(last + quiet, end):
        try:
            ticket = await limits.admit(ACME, Estimate("m", 1, 0), "session")
        except LimitExceeded:
            await asyncio.sleep(0.05)
            continue
        last = time.monotonic()
        await asyncio.sleep(0.01)
        print(last, time.monotonic(), flush=True)
        limits.settle(ticket, 1, 0)


async def main(url: str, kind: str, limit: str, offset: str, seconds: str, quiet: str) -> None:
    settings = Settings(tenant=Bounds(**{Kind(kind): int(limit)}), prices={"m": Price(prompt=1000)}, lease_seconds=2)
    database = Database(url)
    # The clock begins with a minute, so that the test stays within it.
    limits = Limits(database, settings, "hammer", clock=lambda: time.time() - float(offset))
    await limits.start()
    await asyncio.gather(*(hammer(limits, float(seconds), float(quiet)) for _ in range(AT_ONCE)))
    await limits.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
