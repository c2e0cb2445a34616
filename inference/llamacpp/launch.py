"""How the llama.cpp child of an engine is started and where its clients find it."""

import hashlib
import hmac
import os
import secrets
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.settings import EngineSettings
from inference.command import Command
from models.spec import weights_path

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
# Tokens of a prompt in a batch, beside one for each slot. When a caller leaves, llama.cpp ends the batch that it is in
# and often the next one too. A CPU reads nearly as fast in small batches; a GPU does not, and gets llama.cpp's own.
PREFILL_TOKENS = 2


class ChildSpec(Struct, frozen=True, kw_only=True):
    """What the child is told. The key stands in a file: everybody on a machine can read a command line."""

    name: str
    alias: str
    weights: str
    socket: str
    secret_file: str
    context: int
    slots: int
    threads: int
    gpu_layers: int
    embeds: bool


def child_command(settings: EngineSettings, var: Path) -> Command:
    spec = ChildSpec(
        name=settings.name,
        alias=served_names(settings)[0],
        weights=str(weights_path(settings.weights, var)),
        socket=str(socket_path(settings.name, var)),
        secret_file=str(secret_file(var)),
        context=settings.context,
        slots=settings.slots,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        embeds=settings.embeds,
    )
    told = msgspec.json.encode(spec).decode()
    return Command((sys.executable, "-m", "inference.llamacpp.child", told), {"AIP_MODE": "", "LLAMA_OFFLINE": "1"})


def served_names(settings: EngineSettings) -> tuple[str, ...]:
    """The names that the API knows the model by; the first is its own."""
    return settings.models or (Path(settings.weights).name.removesuffix(".gguf"),)


def socket_path(name: str, var: Path) -> Path:
    """In `var`, or, when that path is too long for a socket, in a folder of this user's own."""
    place = str(var.resolve() / name)
    near = var.resolve() / "run" / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    far = Path(tempfile.gettempdir()) / f"ringfence-{os.getuid()}"
    return far / f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.sock"


def secret_file(var: Path) -> Path:
    return var.resolve() / "engine.key"


def engine_key(file: Path, name: str) -> str:
    """The API key between us and one child. The first to ask makes the secret behind it."""
    return hmac.new(_read_or_make(file), name.encode(), "sha256").hexdigest()


def _read_or_make(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(32))
    try:
        # A link, not a rename: when two processes come here at once the first one's secret stays.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
    return file.read_bytes()
