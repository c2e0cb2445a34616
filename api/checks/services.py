"""What the appliance works with: its database, its ledger, and engines that must produce a token."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import msgspec

from api.checks.finding import Finding, fail, ok, refusal, warn
from appliance.audit import report as audit_report
from appliance.db import Database, open_database
from appliance.errors import RingfenceError
from appliance.keyring import open_keyring
from appliance.privacy.scrubbed import own
from appliance.revisions import ensure_current
from appliance.settings import Settings
from inference.engine import Engine
from inference.engines import open_engines
from inference.messages import Call, ServedModel

LEDGER_SECONDS = 10.0
ENGINE_SECONDS = 30.0
QUESTION = [{"role": "user", "content": "Say yes."}]


async def examine_services(settings: Settings, *, serving: bool) -> AsyncIterator[Finding]:
    database = open_database(settings)
    try:
        found = await examine_database(database)
        yield found
        if found.state == "ok":
            yield await examine_ledger(database, settings)
    finally:
        await database.close()
    kinds = {engine.name: engine.kind for engine in settings.engines}
    for engine in open_engines(settings):
        try:
            if kinds.get(engine.name) == "llamacpp" and not serving:
                yield warn(engine.name, "runs only while the appliance does", "Start it with `ringfence serve`.")
            else:
                yield await examine_engine(engine)
            if engine.place == "cloud":
                yield ok("cloud", f"{engine.name} stands in one: texts go there as `privacy.policy.cloud` lets them")
        finally:
            await engine.close()


async def examine_database(database: Database) -> Finding:
    begun = time.perf_counter()
    try:
        await ensure_current(database)
    except RingfenceError as error:
        return refusal("database", error)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    return ok("database", f"{kind} answers in {_milliseconds(begun)}, its tables are current")


async def examine_ledger(database: Database, settings: Settings) -> Finding:
    anchor = settings.audit.anchor or settings.paths.var / "audit.anchor"
    try:
        async with asyncio.timeout(LEDGER_SECONDS):
            key = open_keyring(settings).audit
            report = await audit_report.verify(database, key, [anchor])
    except TimeoutError:
        return warn("audit", "the ledger is too long to check in passing", "Run `ringfence audit verify`.")
    except RingfenceError as error:
        return refusal("audit", error)
    if not report.clean:
        return fail("audit", f"{len(report.findings)} signs of change", "Run `ringfence audit verify`.")
    return ok("audit", f"{report.entries} entries are as they were written")


async def examine_engine(engine: Engine) -> Finding:
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(ENGINE_SECONDS):
            health = await engine.health()
            if not health.ready:
                return fail(
                    engine.name, health.reason.rstrip("."), "See the log of `ringfence serve`, or the engine's own."
                )
            names = [await _try(engine, model) for model in await engine.models()]
    except TimeoutError:
        return fail(engine.name, f"no answer within {ENGINE_SECONDS:.0f} s", "See its load and its log; restart it.")
    except RingfenceError as error:
        return refusal(engine.name, error)
    return ok(engine.name, f"{', '.join(names)}: produced in {_milliseconds(begun)}")


async def _try(engine: Engine, model: ServedModel) -> str:
    """The least work that shows a model works."""
    if "embeddings" in model.tasks:
        body = msgspec.json.encode({"model": model.id, "input": "yes"})
        await engine.embed(Call(task="embeddings", model=model.id, scrubbed=own(body)))
        return model.id
    body = msgspec.json.encode({"model": model.id, "messages": QUESTION, "max_tokens": 1})
    async with aclosing(engine.stream(Call(task="chat", model=model.id, scrubbed=own(body)))) as chunks:
        async for _ in chunks:
            break
    return model.id


def _milliseconds(begun: float) -> str:
    return f"{(time.perf_counter() - begun) * 1000:.0f} ms"
