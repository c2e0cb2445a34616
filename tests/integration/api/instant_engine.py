"""Stands where a vLLM server would, and answers everything at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MODEL = "instant"
TOKENS = 1000
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": MODEL,
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}],
    "usage": {"prompt_tokens": 5, "completion_tokens": TOKENS, "total_tokens": TOKENS + 5},
}
BODIES = {
    b"/v1/models": json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1}]}).encode(),
    b"/metrics": b"vllm:num_requests_running 0\nvllm:generation_tokens_total 1\n",
    b"/v1/chat/completions": json.dumps(ANSWER).encode(),
    b"/v1/completions": json.dumps(ANSWER).encode(),
}


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """Its address."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                body = BODIES.get(head.split(b" ", 2)[1], b"")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        except (EOFError, ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
