"""What engines that run here are to run: by their settings, or as was decided since. A file remembers it."""

import logging
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from appliance.settings import AdapterSettings, EngineSettings
from inference.control import Order
from inference.llamacpp.launch import served_names

FILE = "engines.json"

log = logging.getLogger(__name__)


class Wanted(Struct, frozen=True, kw_only=True):
    """What one engine is to run."""

    model: str
    """Of the shelf; of a llama.cpp engine its weights."""
    names: tuple[str, ...]
    """Model ids that it answers to."""
    precision: str = ""
    weights: str = ""
    adapters: tuple[AdapterSettings, ...] = ()
    stopped: bool = False


class Decision(Struct, frozen=True):
    settings: Wanted
    """What the settings said then. When they say something else, they win."""
    wanted: Wanted


class Decided(Struct, frozen=True, kw_only=True):
    engines: Mapping[str, Decision] = {}
    set_aside: Mapping[str, str] = {}
    """GPUs by UUID, and the fault of each."""


def by_settings(engine: EngineSettings) -> Wanted:
    if engine.kind == "llamacpp":
        return Wanted(model=engine.weights, names=served_names(engine))
    launch = engine.launch
    return Wanted(
        model=launch.model,
        names=engine.models or (launch.model,),
        precision=launch.precision,
        weights=launch.weights,
        adapters=launch.adapters,
    )


def wanted_now(engine: EngineSettings, decided: Decided) -> Wanted:
    said = by_settings(engine)
    decision = decided.engines.get(engine.name)
    if decision is None:
        return said
    if decision.settings != said:
        log.warning("engine %s: its settings changed, and win over what was decided at run time", engine.name)
        return said
    return decision.wanted


def swapped(wanted: Wanted, order: Order, said: Wanted) -> Wanted:
    """What a swap makes of it. The names stay, so that no caller breaks; another model's own comes on top.

    On the way back to the model of the settings, what they say of it holds again.
    """
    if order.model in ("", wanted.model):
        is_same = order.precision in ("", wanted.precision)
        return replace(
            wanted,
            precision=order.precision or wanted.precision,
            weights=order.weights or (wanted.weights if is_same else ""),
            stopped=False,
        )
    names = tuple(dict.fromkeys((*wanted.names, order.model)))
    is_back = order.model == said.model and not (order.precision or order.weights)
    precision, weights = (said.precision, said.weights) if is_back else (order.precision, order.weights)
    return Wanted(model=order.model, names=names, precision=precision, weights=weights)


def decide(pairs: Iterable[tuple[EngineSettings, Wanted]], set_aside: Mapping[str, str]) -> Decided:
    """Only what is other than the settings."""
    found = {engine.name: Decision(by_settings(engine), wanted) for engine, wanted in pairs}
    return Decided(
        engines={name: each for name, each in found.items() if each.wanted != each.settings}, set_aside=set_aside
    )


def read(var: Path) -> Decided:
    """A file that cannot be read decides nothing: then the settings hold."""
    file = var / FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=Decided, dec_hook=_path)
    except FileNotFoundError:
        return Decided()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s cannot be read, and the settings hold (%s). Remove it if this comes again.", file, error)
        return Decided()


def write(var: Path, decided: Decided) -> None:
    """It is there wholly or not at all, and nobody else reads it."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=f".{FILE}.", dir=var)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(decided, enc_hook=str)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(var / FILE)
    except OSError as error:
        log.error("%s cannot be written: %s. A restart will not know what was decided.", var / FILE, error.strerror)


def _path(kind: type, value: Any) -> Path:
    return Path(value)
