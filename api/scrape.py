"""`/metrics` on a port of its own, for a scraper without a key."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from appliance import settings
from appliance.errors import ConfigError
from appliance.metrics import CONTENT_TYPE

HEAD_BYTES = 16 << 10
HEAD_SECONDS = 5.0


@asynccontextmanager
async def serving(chosen: settings.Metrics, render: Callable[[], bytes]) -> AsyncIterator[None]:
    """Does nothing when no port is set."""
    if not chosen.port:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_respond(head, render))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(answer, chosen.host, chosen.port, limit=HEAD_BYTES)
    except OSError as error:
        raise ConfigError(
            f"Cannot serve metrics on {chosen.host}:{chosen.port}: {error.strerror}. "
            "Choose another port with RINGFENCE_METRICS_PORT.",
            param="metrics.port",
        ) from error
    async with server:
        yield


def _respond(head: bytes, render: Callable[[], bytes]) -> bytes:
    if head.split(b" ", 2)[:2] == [b"GET", b"/metrics"]:
        return _response("200 OK", CONTENT_TYPE, render())
    return _response("404 Not Found", "text/plain", b"GET /metrics\n")


def _response(status: str, kind: str, body: bytes) -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        f"content-type: {kind}",
        f"content-length: {len(body)}",
        "connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body
