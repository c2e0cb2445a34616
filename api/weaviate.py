"""`ringfence weaviate`: a Weaviate of this machine, supervised; its data stand in `paths.var`."""

import asyncio
import fcntl
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import structs

from appliance.children import Child
from appliance.errors import ConfigError, Unavailable
from appliance.keyring import obtain, read
from appliance.settings import Settings, WeaviateSettings
from ingest.index import Index
from ingest.weaviate import server
from ingest.weaviate.build import build, cache
from ingest.weaviate.server import Node

START_SECONDS = 120.0
STOP_SECONDS = server.GRACE + 10
FOLDER, RUNNING, LOG = "weaviate", "running", "log"
ROOT_KEY, INDEX_KEY = "root.key", "index.key"

EXTRA = "Weaviate's client is not installed. Run `pip install 'ringfence[weaviate]'`."

Tell = Callable[[str], None]


def folder_of(settings: Settings) -> Path:
    return settings.paths.var.absolute() / FOLDER


def node_of(settings: Settings, program: Path) -> Node:
    folder = folder_of(settings)
    http, grpc = urlsplit(settings.knowledge.weaviate.url), urlsplit(f"//{settings.knowledge.weaviate.grpc}")
    if http.hostname not in ("127.0.0.1", "localhost") or not http.port or not grpc.port:
        raise ConfigError(
            f"knowledge.weaviate.url is {settings.knowledge.weaviate.url}, which is not of this machine. "
            "Start that one there, or set it to http://127.0.0.1:8090."
        )
    return Node(
        program=program,
        folder=folder,
        root_key=obtain(folder / ROOT_KEY, lambda: secrets.token_urlsafe(32)),
        cluster_key=secrets.token_urlsafe(32),
        http=http.port,
        grpc=grpc.port,
        private=server.private_ports(grpc.port),
    )


def index_settings(settings: Settings) -> WeaviateSettings:
    """What the index connects with: the key that is set, or the one that `setup` left."""
    given = settings.knowledge.weaviate
    return given if given.key else structs.replace(given, key=read(folder_of(settings) / INDEX_KEY))


def open_index(settings: Settings) -> Index:
    try:
        from ingest.weaviate.index import WeaviateIndex
    except ModuleNotFoundError as error:
        raise ConfigError(EXTRA) from error
    return WeaviateIndex(index_settings(settings))


def keep_key(settings: Settings, key: str) -> Path:
    """In place of the one before, which is void."""
    file = folder_of(settings) / INDEX_KEY
    file.unlink(missing_ok=True)
    obtain(file, lambda: key)
    return file


def run(settings: Settings, tell: Tell) -> None:
    """In the foreground until Ctrl-C or SIGTERM."""
    node = node_of(settings, build(cache(), tell))
    with (node.folder / RUNNING).open("a+") as running:
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("Weaviate runs already. Stop it first: `ringfence weaviate stop`.") from None
        running.truncate(0)
        running.write(str(os.getpid()))
        running.flush()
        asyncio.run(_supervise(node))


def start(settings: Settings, arguments: tuple[str, ...], tell: Tell) -> None:
    """In the background; returns when it answers."""
    if process_of(settings):
        tell("Weaviate runs already.")
        return
    node = node_of(settings, build(cache(), tell))
    log = node.folder / LOG
    command = (sys.executable, "-P", "-m", "api.cli", *arguments, "weaviate", "start", "--foreground")
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )  # fmt: skip
    tell("Weaviate: starting")
    until = time.monotonic() + START_SECONDS
    while not server.is_ready(node.http):
        if child.poll() is not None or time.monotonic() > until:
            raise Unavailable(f"Weaviate did not start. See {log}.")
        time.sleep(0.2)
    child.returncode = 0  # it goes on without us
    tell(f"Weaviate answers at http://127.0.0.1:{node.http}, gRPC at 127.0.0.1:{node.grpc}")


def stop(settings: Settings) -> bool:
    """False: none ran."""
    process = process_of(settings)
    if process is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while process_of(settings) == process:
        if time.monotonic() > until:
            raise Unavailable(f"Weaviate (process {process}) does not stop. See {folder_of(settings) / LOG}.")
        time.sleep(0.1)
    return True


def process_of(settings: Settings) -> int | None:
    """The one that supervises; it holds a lock for as long as it lives."""
    try:
        with (folder_of(settings) / RUNNING).open("r+") as running:
            try:
                fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(running.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


async def _supervise(node: Node) -> None:
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    child = Child(server.child(node))
    child.start()
    await stopping.wait()
    await child.stop()
