"""The child process: one llama.cpp server on a Unix socket, for as long as its parent lives."""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

import msgspec
import xllamacpp  # type: ignore[import-untyped]

from appliance.errors import EngineUnavailable, ModelError, RingfenceError
from inference.llamacpp.launch import PREFILL_TOKENS, ChildSpec
from inference.local import engine_key
from models.header import context_length, read_header

PARENT_WATCH_SECONDS = 0.5
EXIT_CANNOT_START = 78  # EX_CONFIG: starting again will not help


def main() -> None:
    parent = os.getppid()
    os.umask(0o077)
    # Ctrl-C reaches the whole process group, but requests in flight still need their engine.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spec = msgspec.json.decode(sys.argv[1], type=ChildSpec)
    try:
        held = _take_place(Path(spec.socket))
        parameters = server_parameters(spec)
        server = xllamacpp.Server(parameters)
    except (RingfenceError, RuntimeError, OSError) as error:
        sys.stderr.write(f"engine {spec.name}: {error}\n")
        sys.exit(EXIT_CANNOT_START if isinstance(error, ModelError) else 1)
    # llama.cpp has put its own handlers in their place by now.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    while os.getppid() == parent:
        time.sleep(PARENT_WATCH_SECONDS)
    _leave(held, server)


def server_parameters(spec: ChildSpec) -> xllamacpp.CommonParams:
    header = read_header(Path(spec.weights))
    context = spec.context or context_length(header)
    if not context:
        raise ModelError(f"{spec.weights} does not say its context. Set `context` of engine {spec.name!r}.")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = spec.weights
    parameters.model_alias = {spec.alias}
    parameters.offline = True
    parameters.n_ctx = context * spec.slots
    parameters.n_parallel = spec.slots
    parameters.n_gpu_layers = spec.gpu_layers
    parameters.cpuparams.n_threads = spec.threads or max(1, (os.cpu_count() or 2) - 1)
    parameters.use_jinja = True
    parameters.verbosity = 1
    # The prompt cache in memory grows to 8 GB by default, and is shared by all tenants.
    parameters.cache_ram_mib = 0
    if spec.embeds:
        parameters.embedding = True
        parameters.n_batch = parameters.n_ubatch = context
    elif not spec.gpu_layers:
        parameters.n_batch = parameters.n_ubatch = spec.slots + PREFILL_TOKENS
    _close_doors(parameters, spec)
    return parameters


def _close_doors(parameters: xllamacpp.CommonParams, spec: ChildSpec) -> None:
    """Out of the box llama.cpp listens on TCP without a key and lets any web page in."""
    parameters.hostnames = [spec.socket]
    parameters.port = 8080  # not used with a socket, but 0 is refused
    parameters.api_keys = [engine_key(Path(spec.secret_file), spec.name)]
    parameters.cors_origins = ""
    parameters.cors_credentials = False
    parameters.ui = False
    parameters.endpoint_props = False
    parameters.endpoint_slots = False
    parameters.endpoint_metrics = True


def _take_place(socket: Path) -> TextIO:
    """One child for each socket; what a killed one left behind is removed."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = socket.parent.stat()
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        raise ModelError(f"{socket.parent} is open to others. Make it yours alone: `chmod 700`.")
    held = socket.with_suffix(".lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise EngineUnavailable(f"Another process serves {socket}. Stop it first.") from error
    socket.unlink(missing_ok=True)
    return held


def _stop(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)


def _leave(held: TextIO, server: xllamacpp.Server) -> None:
    # Both must live until here; llama.cpp's own way out waits for its connections.
    del held, server
    os._exit(0)


if __name__ == "__main__":
    main()
