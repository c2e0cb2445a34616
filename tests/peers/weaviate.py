"""A real Weaviate, built and started by the product's own code."""

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from appliance.errors import Unavailable
from appliance.settings import WeaviateSettings
from ingest.weaviate import access, server
from ingest.weaviate.build import build
from tests.peers.cache import Tell, user_cache
from tests.peers.missing import PeerMissing
from tests.peers.process import Process

START_LIMIT = 120.0


@dataclass(frozen=True)
class Weaviate:
    root: WeaviateSettings
    index: WeaviateSettings
    """With the key of the index, which may do less."""
    folder: Path
    pid: int


def install(tell: Tell) -> Path:
    """The program, from the cache or built now (4 to 5 minutes)."""
    try:
        return build(user_cache() / "weaviate", tell)
    except Unavailable as failure:
        raise PeerMissing(failure.message) from failure


@contextmanager
def running(program: Path, tell: Tell) -> Iterator[Weaviate]:
    """A node that answers; it and its data are gone afterwards."""
    http, grpc, private = server.free_node_ports()
    with tempfile.TemporaryDirectory(prefix="ringfence-weaviate-") as folder:
        node = server.Node(
            program=program,
            folder=Path(folder),
            root_key=secrets.token_urlsafe(24),
            cluster_key=secrets.token_urlsafe(24),
            http=http,
            grpc=grpc,
            private=private,
        )
        process = Process(("env", "-i", *_environment(node), *server.command(node)), Path(folder) / "log")
        try:
            process.wait_for(lambda: server.is_ready(http), "Weaviate: starting", START_LIMIT, tell)
            root = WeaviateSettings(url=f"http://127.0.0.1:{http}", grpc=f"127.0.0.1:{grpc}", key=node.root_key)
            index = structs.replace(root, key=asyncio.run(access.set_up(root)))
            yield Weaviate(root, index, node.folder, process.pid)
        finally:
            process.stop()


def _environment(node: server.Node) -> list[str]:
    return [f"{name}={value}" for name, value in server.environment(node).items()]
