"""Stands where `vllm serve` would: its flags, its log, its doors, its way to end.

`python -m tests.integration.inference.supervise.tiny_vllm WEIGHTS FLAGS...`; `script.json` in the folder of the weights
says how it behaves, and is read again for each request.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

DEFAULTS = {"start_seconds": 0.05, "crash": "", "tokens": 20, "token_seconds": 0.01, "is_deaf": False}


class TinyVllm:
    def __init__(self, options: argparse.Namespace, more: list[str]) -> None:
        self.folder = Path(options.weights)
        self.names: list[str] = options.served_model_name
        self.adapters = [json.loads(each)["name"] for each in options.lora_modules or ()]
        self.running = 0
        self.work = 0
        self.served = 0
        self.stopping = asyncio.Event()
        self.patience = float(more[more.index("--shutdown-timeout") + 1])

    @property
    def script(self) -> dict[str, Any]:
        return {**DEFAULTS, **json.loads((self.folder / "script.json").read_text())}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(EOFError, ConnectionError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().lower().split("\r\n")
                lengths = [int(line.split(":")[1]) for line in lines if line.startswith("content-length:")]
                body = await reader.readexactly(sum(lengths))
                path = head.decode().split(" ")[1]
                if path.startswith("/v1") and f"authorization: bearer {os.environ['VLLM_API_KEY']}" not in lines:
                    _answer(writer, 401, {"error": "Unauthorized"})
                    continue
                await self.reply(path, json.loads(body or b"{}"), writer)
        writer.close()

    async def reply(self, path: str, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if path == "/metrics":
            text = f"vllm:num_requests_running {self.running}\nvllm:generation_tokens_total {self.work}\n"
            _send(writer, 200, text.encode())
        elif path == "/v1/models":
            models = [*self.names, *self.adapters]
            _answer(writer, 200, {"data": [{"id": name, "created": 1, "max_model_len": 100} for name in models]})
        elif path == "/v1/load_lora_adapter":
            self.adapters.append(asked["lora_name"])
            _send(writer, 200, b"Success")
        elif path == "/v1/unload_lora_adapter":
            self.adapters.remove(asked["lora_name"])
            _send(writer, 200, b"Success")
        elif path in ("/v1/completions", "/v1/chat/completions"):
            await self.generate(asked, writer)
        else:
            _send(writer, 200, b"")

    async def generate(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if asked["model"] not in (*self.names, *self.adapters):
            _answer(writer, 404, {"error": {"message": f"no model {asked['model']}"}})
            return
        script = self.script
        self.running += 1
        try:
            count = min(asked.get("max_tokens", script["tokens"]), script["tokens"])
            if asked.get("stream"):
                writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            for number in range(count):
                while self.script["is_deaf"]:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(script["token_seconds"])
                self.work += 1
                if asked.get("stream"):
                    _event(writer, {"choices": [{"index": 0, "delta": {"content": f"{number} "}}]})
                    await writer.drain()
            usage = {"prompt_tokens": 1, "completion_tokens": count, "total_tokens": count + 1}
            if asked.get("stream"):
                _event(writer, {"choices": [], "usage": usage})
                _chunk(writer, b"data: [DONE]\n\n")
                writer.write(b"0\r\n\r\n")
                await writer.drain()
            else:
                text = f"{self.folder.name} {os.getpid()}"
                choice = {"index": 0, "finish_reason": "stop", "text": text}
                choice["message"] = {"role": "assistant", "content": text}
                _answer(writer, 200, {"model": self.names[0], "choices": [choice], "usage": usage})
            self.served += 1
        finally:
            self.running -= 1


def _event(writer: asyncio.StreamWriter, event: Any) -> None:
    _chunk(writer, b"data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", **event}).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def _answer(writer: asyncio.StreamWriter, status: int, body: Any) -> None:
    _send(writer, status, json.dumps(body).encode())


def _send(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)


async def serve(options: argparse.Namespace, more: list[str]) -> None:
    tiny = TinyVllm(options, more)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, tiny.stopping.set)
    for percent in (0, 50, 100):
        print(f"Loading safetensors checkpoint shards: {percent:3d}% Completed | {percent // 50}/2 [00:01<00:00]")
        await asyncio.sleep(tiny.script["start_seconds"] / 3)
    server = await asyncio.start_unix_server(tiny.handle, options.uds)
    print(f"serves {options.served_model_name}")
    await tiny.stopping.wait()
    server.close()
    until = time.monotonic() + tiny.patience
    while tiny.running and time.monotonic() < until:
        await asyncio.sleep(0.01)
    print(f"ends with {tiny.running} requests running after {tiny.served}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("--served-model-name", nargs="+")
    parser.add_argument("--uds", required=True)
    parser.add_argument("--lora-modules", nargs="+")
    options, more = parser.parse_known_args()
    script = {**DEFAULTS, **json.loads((Path(options.weights) / "script.json").read_text())}
    if script["crash"]:
        time.sleep(script["start_seconds"])
        sys.exit(script["crash"])
    asyncio.run(serve(options, more))


if __name__ == "__main__":
    main()
