"""OpenAI's endpoints as raw ASGI: the hot path."""

import asyncio
import itertools
import logging
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

from api import chat
from api.chat import Exchange
from api.client import Client, Headers, Receive, Scope, Send, read_headers, target_of
from api.errors import UNEXPECTED, body_of, headers_of, status_of
from api.ring import Ring
from appliance.errors import RingfenceError, TooLarge, TooSlow
from appliance.log import request_id as current_request
from inference import sse
from inference.messages import Task

log = logging.getLogger(__name__)

JSON: Headers = [(b"content-type", b"application/json")]
EVENTS: Headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
TASKS: dict[str, Task] = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/embeddings": "embeddings",
    "/tokenize": "tokenize",
    "/detokenize": "detokenize",
}
# Seen in metrics only: nobody is there to read it.
GONE = 499
TOO_SLOW = TooSlow("The body did not come in time. Send it again, over a faster line or in a smaller piece.")
GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Unique without a system call for each: a random prefix for the process, then a counter."""

    def __init__(self) -> None:
        self._prefix = f"req_{os.urandom(6).hex()}"
        self._next = itertools.count(1)

    def take(self, given: bytes | None) -> str:
        if given is not None and GIVEN_ID.fullmatch(given):
            return given.decode()
        return f"{self._prefix}{next(self._next):08x}"


class Endpoint:
    """One of the tasks, answered over HTTP."""

    def __init__(self, ring: Ring, path: str, ids: RequestIds, clients: set[Client]) -> None:
        self._ring = ring
        self._path = path
        self._task = TASKS[path]
        self._ids = ids
        self._clients = clients
        self._body_limit = ring.settings.server.body_limit
        self._seen = ring.metrics.endpoint(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope)
        client = Client(receive, send, self._body_limit)
        request_id = self._ids.take(headers.get(b"x-request-id"))
        exchange = Exchange(
            task=self._task,
            request_id=request_id,
            headers=headers,
            method=scope["method"],
            path=target_of(scope),
            body=client.body,
            span=self._ring.tracer.begin(self._task, request_id, headers),
        )
        current_request.set(request_id)
        self._clients.add(client)
        status = GONE
        try:
            _refuse_large(headers, self._body_limit)
            status = await self._serve(exchange, client)
        except asyncio.CancelledError:
            if not client.gone:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
            if client.stalled:
                status = await self._refuse(exchange, client, TOO_SLOW)
        except RingfenceError as error:
            status = GONE if client.gone else await self._refuse(exchange, client, error)
        except Exception:
            log.exception("request failed")
            exchange.code = UNEXPECTED.code
            status = 500 if client.answering else await self._refuse(exchange, client, UNEXPECTED)
        finally:
            client.close()
            self._clients.discard(client)
            if status == GONE:
                self._ring.metrics.disconnects.inc()
            self._seen(status, time.monotonic() - exchange.started)
            exchange.span.end(status, exchange.code)

    async def _serve(self, exchange: Exchange, client: Client) -> int:
        async with aclosing(chat.answer(self._ring, exchange)) as pieces:
            first = await anext(pieces)
            if exchange.streams:
                await self._stream(exchange, client, first, pieces)
            else:
                await _finish(pieces)
                await client.start(200, self._headers(exchange, JSON, len(first)))
                await client.write(first)
        return 200

    async def _stream(self, exchange: Exchange, client: Client, first: bytes, rest: AsyncIterator[bytes]) -> None:
        await client.start(200, self._headers(exchange, EVENTS))
        self._ring.metrics.model(exchange.model).first_token.observe(time.monotonic() - exchange.started)
        try:
            await client.write(first, more=True)
            async for piece in rest:
                if piece:
                    await client.write(piece, more=True)
        except RingfenceError as error:
            # The status line is gone; OpenAI's clients raise on an event that holds an error.
            await client.write(sse.frame(body_of(error)))
            self._note_refusal(exchange, error)
            return
        await client.write(sse.DONE)

    async def _refuse(self, exchange: Exchange, client: Client, error: RingfenceError) -> int:
        self._note_refusal(exchange, error)
        status = status_of(error)[0]
        body = body_of(error)
        await client.start(status, [*self._headers(exchange, JSON, len(body)), *headers_of(error)])
        await client.write(body)
        return status

    def _note_refusal(self, exchange: Exchange, error: RingfenceError) -> None:
        exchange.code = error.code
        self._ring.metrics.refusals.labels(error.code).inc()

    def _headers(self, exchange: Exchange, kind: Headers, length: int | None = None) -> Headers:
        headers = [*kind, (b"x-request-id", exchange.request_id.encode())]
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        if exchange.ticket is not None:
            headers += exchange.ticket.headers
        return headers


async def _finish(pieces: AsyncIterator[bytes]) -> None:
    """Runs the story to its end: an answer that is not recorded yet must not be heard of."""
    async for _ in pieces:
        raise AssertionError("an answer that does not stream came in two pieces")


def _refuse_large(headers: dict[bytes, bytes], limit: int) -> None:
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes. Send less, or raise server.body_limit.")
