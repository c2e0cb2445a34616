"""How the llama.cpp child of an engine is started and where its clients find it."""

import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.settings import EngineSettings
from inference.command import Command
from inference.local import secret_file, socket_path
from models.spec import weights_path

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
