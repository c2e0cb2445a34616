"""A worker with a small application of its own: everything of `api.worker` but the wiring."""

import asyncio
import json
import os
import socket
import sys
from typing import Any

import uvloop

from api import listener
from appliance.children import REFUSED
from appliance.settings import Server


class TinyApp:
    def __init__(self) -> None:
        self.in_flight = 0
        self.draining = False

    def begin_drain(self) -> None:
        self.draining = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                event = (await receive())["type"]
                await send({"type": f"{event}.complete"})
                if event == "lifespan.shutdown":
                    return
        if self.draining:
            await answer(send, 503, b"draining", [(b"connection", b"close"), (b"retry-after", b"1")])
            return
        self.in_flight += 1
        try:
            size, more = 0, True
            while more:
                message = await receive()
                size, more = size + len(message.get("body", b"")), message.get("more_body")
            if scope["path"].startswith("/slow/"):
                await asyncio.sleep(float(scope["path"].removeprefix("/slow/")))
            body = json.dumps({"pid": os.getpid(), "path": scope["path"], "size": size}).encode()
            await answer(send, 200, body, [])
        finally:
            self.in_flight -= 1


async def answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    fds, drain_seconds, mode = sys.argv[1].split(","), float(sys.argv[2]), sys.argv[3]
    if mode == "refuse":
        sys.exit(REFUSED)
    listening = [socket.socket(fileno=int(fd)) for fd in fds]
    uvloop.run(listener.serve(TinyApp(), listening, Server(drain_seconds=drain_seconds)))
