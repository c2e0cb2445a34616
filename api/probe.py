"""Asks an HTTP server one question, for a process that needs no HTTP client otherwise."""

import asyncio

import msgspec
from msgspec import Struct

ANSWER_BYTES = 64 << 10


class _Error(Struct):
    message: str


class _ErrorBody(Struct):
    error: _Error


async def get(address: tuple[str, int], path: str, timeout: float = 2.0) -> tuple[int, str]:  # noqa: ASYNC109
    """Status and body; status 0 when there was no answer."""
    try:
        async with asyncio.timeout(timeout):
            return await _get(address, path)
    except (OSError, TimeoutError, ValueError, IndexError):
        return 0, ""


async def _get(address: tuple[str, int], path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection(*address, limit=ANSWER_BYTES)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nhost: {address[0]}\r\nconnection: close\r\n\r\n".encode())
        answer = await reader.read(ANSWER_BYTES)
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(None, 2)[1]), body.decode(errors="replace")
    finally:
        writer.close()


def message(body: str) -> str:
    """What an error of ours says; nothing for any other body."""
    try:
        return msgspec.json.decode(body, type=_ErrorBody).error.message
    except msgspec.MsgspecError:
        return ""


def reachable(address: tuple[str, int]) -> tuple[str, int]:
    """Where a client on this machine reaches a socket that is bound to `address`."""
    host, port = address[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104
