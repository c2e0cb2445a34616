"""A hub on loopback: the addresses of one, and all the trouble that one makes."""

import hashlib
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" * 6 + "beef"
REPOSITORY = "acme/Tiny-Model"
PIECE = 64 << 10


@dataclass
class Asked:
    method: str
    origin: str
    path: str
    range: str | None
    authorization: str | None
    sent: int = 0


@dataclass
class HubState:
    folder: Path
    small: tuple[str, ...] = (".json", ".txt", ".md")
    token: str | None = None
    error_code: str = "GatedRepo"
    with_blobs: bool = True
    with_ranges: bool = True
    pace: float = 0.0
    """Seconds before each piece."""
    refuse: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Statuses that the next requests for content get."""
    cut: list[int] = field(default_factory=list)
    """After so many bytes the next answers with content are cut."""
    corrupt: set[str] = field(default_factory=set)
    extra: list[dict[str, object]] = field(default_factory=list)
    digests: dict[tuple[str, int], str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    elsewhere: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fetched(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path.endswith(path) and each.range and each.origin == "elsewhere"]

    @property
    def sent(self) -> int:
        return sum(each.sent for each in self.asked if each.range)


def git_digest(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: HubState
    origin: str

    def log_message(self, *_: object) -> None:
        return

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        asked = Asked(self.command, self.origin, path, self.headers["range"], self.headers["authorization"])
        with self.state.lock:
            self.state.asked.append(asked)
        if self.origin == "hub" and self.state.token and asked.authorization != f"Bearer {self.state.token}":
            self._answer(401, {"x-error-code": self.state.error_code}, b"{}")
        elif path == f"/api/models/{REPOSITORY}/revision/main":
            self._answer(200, {}, self._listing())
        elif "/resolve/" in path:
            self._resolve(self.state.folder / path.partition(f"/resolve/{COMMIT}/")[2], asked)
        elif path.startswith("/cdn/"):
            self._content(self.state.folder / path.removeprefix("/cdn/"), asked)
        else:
            self._answer(404, {"x-error-code": "RepoNotFound"}, b"{}")

    def _is_small(self, file: Path) -> bool:
        return file.name.endswith(self.state.small)

    def _listing(self) -> bytes:
        files = [file for file in sorted(self.state.folder.rglob("*")) if file.is_file()]
        siblings = [self._sibling(file) for file in files] + self.state.extra
        card = {"license": "apache-2.0"}
        return json.dumps({"id": REPOSITORY, "sha": COMMIT, "siblings": siblings, "cardData": card}).encode()

    def _sibling(self, file: Path) -> dict[str, object]:
        name = file.relative_to(self.state.folder).as_posix()
        if not self.state.with_blobs:
            return {"rfilename": name}
        size = file.stat().st_size
        if self._is_small(file):
            return {"rfilename": name, "size": size, "blobId": git_digest(file.read_bytes())}
        lfs = {"sha256": self._sha256(file), "size": size, "pointerSize": 134}
        return {"rfilename": name, "size": size, "blobId": "0" * 40, "lfs": lfs}

    def _sha256(self, file: Path) -> str:
        beside = file.with_suffix(".known")  # of files that are slow to read
        if beside.exists():
            return beside.read_text()
        key = (str(file), file.stat().st_mtime_ns)
        if key not in self.state.digests:
            self.state.digests[key] = hashlib.sha256(file.read_bytes()).hexdigest()
        return self.state.digests[key]

    def _resolve(self, file: Path, asked: Asked) -> None:
        if not file.is_file():
            self._answer(404, {"x-error-code": "EntryNotFound"}, b"")
        elif self._is_small(file):
            self._content(file, asked)
        else:
            name = file.relative_to(self.state.folder).as_posix()
            linked = {"x-linked-etag": f'"{self._sha256(file)}"', "x-linked-size": str(file.stat().st_size)}
            self._answer(302, {"location": f"{self.state.elsewhere}/cdn/{name}?signature=s3cret", **linked}, b"")

    def _content(self, file: Path, asked: Asked) -> None:
        with self.state.lock:
            refusal = self.state.refuse.pop(0) if self.state.refuse and self.command == "GET" else None
            cut = self.state.cut.pop(0) if self.state.cut and self.command == "GET" else None
        if refusal is not None:
            self._answer(*refusal, b"")
            return
        size = file.stat().st_size
        begin, end, status = 0, size, 200
        headers = {"etag": f'"{git_digest(file.read_bytes())}"'} if self._is_small(file) else {}
        if asked.range and self.state.with_ranges:
            first, _, last = asked.range.removeprefix("bytes=").partition("-")
            begin, end, status = int(first), int(last) + 1, 206
            headers["content-range"] = f"bytes {begin}-{end - 1}/{size}"
        self._head(status, {**headers, "content-length": str(end - begin)})
        if self.command != "HEAD":
            self._send(file, begin, end if cut is None else min(end, begin + cut), asked)
        if cut is not None:
            self.close_connection = True
            self.connection.shutdown(2)

    def _send(self, file: Path, begin: int, end: int, asked: Asked) -> None:
        with file.open("rb") as stream:
            while begin < end:
                time.sleep(self.state.pace)
                size = min(PIECE if self.state.pace else 8 << 20, end - begin)
                if file.name in self.state.corrupt:
                    stream.seek(begin)
                    count = self.connection.send(bytes(each ^ 1 for each in stream.read(min(size, PIECE))))
                else:
                    count = os.sendfile(self.connection.fileno(), stream.fileno(), begin, size)
                begin += count
                asked.sent += count

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self._head(status, {**headers, "content-length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed, or go away, are what these tests are about."""


@contextmanager
def serving(state: HubState) -> Iterator[HubState]:
    servers = []
    for origin in ("hub", "elsewhere"):
        handler = type("OneHandler", (Handler,), {"state": state, "origin": origin})
        server = Server(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
    state.url, state.elsewhere = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    try:
        yield state
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def safetensors(size: int, fill: int = 0) -> bytes:
    """A whole file with one tensor of so many bytes."""
    head = safetensors_head(size)
    return head + bytes((fill + index) & 255 for index in range(256)) * (size // 256) + bytes(size % 256)


def safetensors_head(size: int) -> bytes:
    table = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    return io.BytesIO(len(table).to_bytes(8, "little") + table).getvalue()
