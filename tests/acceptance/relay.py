"""A line between Ringfence and a real server: it remembers what was asked, and can be cut."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"


class Relay:
    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.chats: list[dict[str, Any]] = []
        """The conversations that were sent, in their order; of equal keys the last one, as vLLM reads them."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Every connection breaks, and no new one is taken."""
        for each in (self._listener, *self._lines):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._lines += [caller, server]
                threading.Thread(target=self._requests, args=(caller, server), daemon=True).start()
                threading.Thread(target=self._answers, args=(server, caller), daemon=True).start()

    def _requests(self, caller: socket.socket, server: socket.socket) -> None:
        held = b""
        with suppress(OSError):
            while data := caller.recv(1 << 16):
                held = self._note(held + data)
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _answers(self, server: socket.socket, caller: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                caller.sendall(data)
        with suppress(OSError):
            caller.shutdown(socket.SHUT_RDWR)

    def _note(self, held: bytes) -> bytes:
        """Takes whole requests off the front."""
        while END_OF_HEAD in held:
            head, _, rest = held.partition(END_OF_HEAD)
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields.get(b"content-length", b"0"))
            if len(rest) < length:
                break
            if b"/chat/" in head:
                self.chats.append(json.loads(rest[:length]))
            held = rest[length:]
        return held
