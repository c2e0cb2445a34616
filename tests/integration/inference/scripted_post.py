"""A post as the supervisor would have started it: it answers on its Unix socket, byte for byte as vLLM does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from inference.local import engine_key, secret_file, socket_path
from inference.roster import Adapter, Post
from tests.integration.inference.scripted_server import END, STREAM, chunk, plain, read_request

METRICS = b"vllm:num_requests_running 0\nvllm:generation_tokens_total 1\n"


class ScriptedPost:
    def __init__(self, id_: str, var: Path, *names: str, adapters: tuple[Adapter, ...] = ()) -> None:
        self.socket = socket_path(id_, var)
        self.post = Post(id=id_, engine=id_.partition(".")[0], socket=str(self.socket), names=names, adapters=adapters)
        self.asked: list[str] = []
        """For which model, each time."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.key = f"authorization: Bearer {engine_key(secret_file(var), id_)}".lower().encode()
        self._visits: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["ScriptedPost"]:
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        server = await asyncio.start_unix_server(self._visit, self.socket)
        try:
            yield self
        finally:
            server.close()
            self.kill()
            await asyncio.gather(*self._visits, return_exceptions=True)

    def kill(self) -> None:
        for visit in self._visits:
            visit.cancel()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None
        self._visits.add(visit)
        try:
            while (request := await read_request(reader))[0]:
                await self._answer(*request, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._visits.discard(visit)
            writer.close()

    async def _answer(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ", 2)[1]
        if self.key not in head.lower():
            writer.write(plain(b'{"error":"Unauthorized"}', "401 Unauthorized"))
        elif path == b"/v1/models":
            writer.write(plain(json.dumps({"object": "list", "data": self._cards()}).encode()))
        elif path == b"/metrics":
            writer.write(plain(METRICS))
        elif path == b"/health":
            writer.write(plain(b""))
        else:
            await self._produce(json.loads(body), writer)

    async def _produce(self, asked: dict[str, object], writer: asyncio.StreamWriter) -> None:
        model = str(asked["model"])
        if asked.get("prompt") != "ready?":
            self.asked.append(model)
            await self.gate.wait()
        said = {"id": "c", "model": model if model not in self.post.names else self.post.names[0]}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        if not asked.get("stream"):
            message = {"role": "assistant", "content": self.post.id}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            writer.write(plain(_compact({**said, "choices": [choice], "usage": usage})))
            return
        delta = {"index": 0, "delta": {"content": self.post.id}, "finish_reason": None}
        events = [{**said, "choices": [delta]}, {**said, "choices": [], "usage": usage}]
        raw = b"".join(b"data: %b\n\n" % _compact(event) for event in events) + b"data: [DONE]\n\n"
        writer.write(STREAM + chunk(raw) + END)

    def _cards(self) -> list[dict[str, object]]:
        own = [{"id": name, "created": 1, "root": "/weights", "max_model_len": 2048} for name in self.post.names]
        first = self.post.names[0]
        return [*own, *({"id": each.name, "root": "/lora", "parent": first} for each in self.post.adapters)]


def _compact(body: dict[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
