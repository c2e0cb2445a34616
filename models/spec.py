"""What a model is, as the shelf describes it, and the shelf itself."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from appliance.errors import ModelError
from models.store import Store


class ModelSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    purpose: Literal["chat", "embeddings", "passages", "names"]
    about: str
    licence: str
    origin: str
    context: int
    weights: str
    """File name (GGUF; ONNX for what runs in our own process) once it is on the shelf."""
    sha256: str
    package: str
    version: str
    files: dict[str, str]
    """What is taken from the package, and the SHA-256 of each."""
    convert: Literal["", "bert", "minilm", "rampart"] = ""
    """How `files` become `weights`; empty when the one file is the weights."""

    def path(self, var: Path) -> Path:
        return var / "models" / self.name / self.weights


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[ModelSpec, ...]


def shelf() -> dict[str, ModelSpec]:
    """The models that registry packages carry, by name."""
    tree = tomllib.loads(files("models").joinpath("catalogue.toml").read_text())
    return {spec.name: spec for spec in msgspec.convert(tree, Catalogue).model}


def find(name: str) -> ModelSpec:
    models = shelf()
    if name in models:
        return models[name]
    raise ModelError(f"No starter model is called {name!r}. Choose one of: {', '.join(sorted(models))}.")


def weights_path(weights: str, var: Path) -> Path:
    """The file that an engine's `weights` setting means: a starter model, one of the store, or a GGUF file."""
    spec = shelf().get(weights)
    return spec.path(var) if spec else Store(var / "models").weights(weights) or Path(weights)
