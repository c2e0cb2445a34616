"""Builds everything once, in the one place where it can be seen, and takes it down in the opposite order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from api.private import open_privacy
from api.ring import Ring
from appliance.audit import Ledger
from appliance.db import Database, open_database
from appliance.identity import Identity
from appliance.keyring import Keyring, open_keyring
from appliance.limits import Limits
from appliance.metrics import Metrics
from appliance.privacy.kept import Kept
from appliance.revisions import ensure_current
from appliance.settings import Settings
from appliance.trace import open_tracer
from inference.engine import Engine
from inference.engines import open_engines, open_room, open_sources
from inference.fleet import Fleet

ANCHOR = "audit.anchor"


@asynccontextmanager
async def build(
    settings: Settings, worker: str, engines: list[Engine] | None = None, metrics: Metrics | None = None
) -> AsyncIterator[Ring]:
    """The ring of one worker. `engines` stands in for those of the settings."""
    async with AsyncExitStack() as stack:
        database = open_database(settings)
        stack.push_async_callback(database.close)
        await ensure_current(database)
        keyring = open_keyring(settings)
        metrics = metrics or Metrics()
        ring = Ring(
            settings=settings,
            identity=Identity(database, settings.identity, keyring.pepper),
            limits=Limits(database, settings.limits, worker),
            ledger=_ledger(database, settings, keyring, worker),
            privacy=open_privacy(settings, keyring.privacy),
            kept=Kept(database, keyring.privacy, settings.privacy.keep_days),
            metrics=metrics,
            tracer=open_tracer(settings.trace, worker),
            fleet=_fleet(settings, worker, metrics, engines),
        )
        for part in (ring.tracer, ring.identity, ring.limits, ring.ledger, ring.privacy, ring.kept, ring.fleet):
            await part.start()
            stack.push_async_callback(part.close)
        yield ring


def _fleet(settings: Settings, worker: str, metrics: Metrics, engines: list[Engine] | None) -> Fleet:
    room = open_room(settings, lambda engine: metrics.held.labels(engine).inc())
    if engines is not None:
        return Fleet(engines, room=room)
    return Fleet(open_engines(settings), sources=open_sources(settings, worker), room=room)


def _ledger(database: Database, settings: Settings, keyring: Keyring, worker: str) -> Ledger:
    anchor = settings.audit.anchor or settings.paths.var / ANCHOR
    return Ledger(database, settings.audit, keyring.audit, anchor, worker)
