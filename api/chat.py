"""The story of a request, top to bottom. It knows no HTTP framework: doors hand it an `Exchange`."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from api.ring import Ring
from api.schema import openai
from api.turn import Turn, conversation_of
from appliance.audit import DETAILS, Entry
from appliance.errors import PrivacyRefused, RingfenceError
from appliance.identity import Principal
from appliance.limits import Estimate, Ticket
from appliance.privacy.record import Record
from appliance.privacy.scrubbed import Scrubbed
from appliance.privacy.vault import Vault
from appliance.settings import Place
from appliance.trace import ANSWER_STOPPED, Span
from inference import converse, routing, sse
from inference.messages import Call, Chunk, Task, Usage
from inference.routing import Seat

CLIENT_GONE = "client_disconnected"
LEAKED = "in_answers"
UNMETERED: tuple[Task, ...] = ("tokenize", "detokenize")
# A token is seldom shorter than three bytes, and a reservation should rather be too large.
BYTES_PER_TOKEN = 3


@dataclass(slots=True)
class Exchange:
    """One request on its way: what the door knows of it, and what the steps have learnt."""

    task: Task
    request_id: str
    headers: Mapping[bytes, bytes]
    method: str
    path: str
    body: Callable[[], Awaitable[bytes]]
    span: Span
    started: float = field(default_factory=time.monotonic)
    principal: Principal | None = None
    model: str = ""
    streams: bool = False
    answers: int = 1
    wants_usage: bool = False
    prompt_size: int = 0
    ticket: Ticket | None = None
    record: Record | None = None
    vault: Vault | None = None
    seat: Seat | None = None
    usage: Usage | None = None
    events: int = 0
    code: str = RingfenceError.code

    def note(self, seat: Seat, chunk: Chunk) -> None:
        self.seat = seat
        if chunk.usage is not None:
            self.usage = chunk.usage
        elif self.streams:
            self.events += chunk.raw.count(sse.END)

    def for_caller(self, chunk: Chunk) -> bytes:
        return sse.for_caller(chunk.raw, chunk.usage is not None, self.wants_usage) if self.streams else chunk.raw


async def answer(ring: Ring, exchange: Exchange) -> AsyncGenerator[bytes, None]:
    """The pieces of the answer. An error before the first piece is the whole answer."""
    principal = await ring.identity.authenticate(exchange.headers, exchange.method, exchange.path, exchange.body)
    exchange.principal = principal
    ring.ledger.ensure_writable()
    try:
        body, estimate = await _understand(ring, exchange, principal)
        exchange.ticket = await ring.limits.admit(principal, estimate, _session(exchange))
        find_plan = partial(ring.fleet.plan, exchange.model, exchange.task, principal.tenant)
        plan = await find_plan()
        plan, turn, scrubbed = await _scrub(ring, exchange, principal, plan, body)
        vault = turn.vault
        call = _call(exchange, principal, scrubbed)
        restorer = vault.stream(exchange.answers)
        restore = restorer.feed if call.stream else vault.restore
        async with aclosing(converse.run(plan, call, find_plan)) as chunks:
            async for seat, chunk in chunks:
                exchange.note(seat, chunk)
                piece = exchange.for_caller(chunk)
                yield await ring.privacy.reveal(vault, partial(restore, piece), len(piece))
                if restorer.is_over:
                    break
        if rest := await ring.privacy.reveal(vault, restorer.end):
            yield rest
        exchange.code = ANSWER_STOPPED if vault.told.stopped else "ok"
        await turn.keep()
    except RingfenceError as error:
        exchange.code = error.code
        raise
    except (asyncio.CancelledError, GeneratorExit):
        exchange.code = CLIENT_GONE
        raise
    finally:
        _record(ring, exchange, principal)
    await ring.ledger.durable()


async def _understand(ring: Ring, exchange: Exchange, principal: Principal) -> tuple[bytes, Estimate]:
    principal.require("inference")
    body = await exchange.body()
    asked = openai.read(exchange.task, body)
    exchange.record = asked.record
    body = openai.for_engines(asked, body)
    exchange.model = asked.model
    principal.require_model(asked.model)
    completion_tokens = 0
    if isinstance(asked, openai.Generation):
        exchange.streams = bool(asked.stream)
        exchange.answers = asked.answers
        exchange.wants_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        completion_tokens = (asked.most_tokens or ring.settings.limits.default_completion_tokens) * asked.answers
    if exchange.task not in UNMETERED:
        exchange.prompt_size = len(body) // BYTES_PER_TOKEN + 1
    return body, Estimate(asked.model, exchange.prompt_size, completion_tokens)


async def _scrub(
    ring: Ring, exchange: Exchange, principal: Principal, plan: list[Seat], body: bytes
) -> tuple[list[Seat], Turn, Scrubbed]:
    """One body for all engines of the plan; where none of it may go to a cloud, those on site are left."""
    near = routing.on_site(plan)
    if len(near) < len(plan):
        try:
            return plan, *await _seal(ring, exchange, principal, body, "cloud")
        except PrivacyRefused:
            if not near:
                raise
    return near, *await _seal(ring, exchange, principal, body, "on_site")


async def _seal(
    ring: Ring, exchange: Exchange, principal: Principal, body: bytes, place: Place
) -> tuple[Turn, Scrubbed]:
    exchange.vault = vault = ring.privacy.open(principal.tenant, record=exchange.record, place=place)
    turn = Turn(ring, vault, conversation_of(ring, principal, exchange.task, exchange.headers))
    await turn.recall()
    return turn, await ring.privacy.seal(vault, exchange.task, body)


def _call(exchange: Exchange, principal: Principal, scrubbed: Scrubbed) -> Call:
    return Call(
        task=exchange.task,
        model=exchange.model,
        scrubbed=scrubbed,
        stream=exchange.streams,
        salt=principal.tenant,
        request_id=exchange.request_id,
        traceparent=exchange.span.traceparent,
    )


def _session(exchange: Exchange) -> str | None:
    session = exchange.headers.get(b"x-session-id")
    return session.decode("latin-1")[:128] if session else None


def _record(ring: Ring, exchange: Exchange, principal: Principal) -> None:
    """Settles what was reserved and writes down what happened: ids, codes and counts only."""
    usage = exchange.usage or _guess_usage(exchange)
    money = 0
    if exchange.ticket is not None:
        money = ring.limits.settle(exchange.ticket, usage.prompt_tokens, usage.completion_tokens)
    known = exchange.seat is not None
    vault = exchange.vault
    masked = dict(vault.counts.most_common(DETAILS - 1)) if vault else {}
    leaked = vault.leaks.counts if vault and vault.leaks else {}
    details: dict[str, int | str] = {kind.lower(): number for kind, number in masked.items()}
    if leaked:
        details[LEAKED] = sum(leaked.values())
    entry = Entry(
        request_id=exchange.request_id,
        action=exchange.task,
        user=principal.user,
        key=principal.key,
        model=exchange.model if known else "",
        engine=exchange.seat.engine.name if exchange.seat else "",
        code=exchange.code,
        streamed=exchange.streams,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        money=money,
        milliseconds=round((time.monotonic() - exchange.started) * 1000),
        details=details,
    )
    ring.ledger.record(principal.tenant, entry)
    exchange.span.tell(principal.tenant, entry)
    for kind, number in masked.items():
        ring.metrics.masked.labels(kind).inc(number)
    for kind, number in leaked.items():
        ring.metrics.leaks.labels(kind).inc(number)
    if known:
        ring.metrics.model(exchange.model).used(usage.prompt_tokens, usage.completion_tokens, money)


def _guess_usage(exchange: Exchange) -> Usage:
    """For an engine that never said. An event is about one token; a prompt is free if none read it or one broke."""
    left = exchange.code in (CLIENT_GONE, ANSWER_STOPPED) and exchange.vault is not None
    return Usage(exchange.prompt_size if left else 0, exchange.events)
