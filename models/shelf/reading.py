"""Reads the shelf: our rows, and those of the operator's own file. An error names the file, the row and the key."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, inspect

from appliance.config import Spot
from appliance.errors import ConfigError
from appliance.settings.outline import allowed, bare, element_of, section_of, settings_of
from models.shelf.rows import Model

FILES = ("llama", "mistral", "retrieval", "speech")
ROWS = "model"

AnyStruct = TypeVar("AnyStruct", bound=Struct)


def shelf(own: Path | None = None) -> dict[str, Model]:
    """Every model by name; a row of the operator's stands in for ours of the same name."""
    models = {model.name: model for file in FILES for model in _ours(file)}
    if own is not None:
        models |= {model.name: model for model in rows(_read(own), str(own))}
    return models


def rows(text: str, source: str) -> Iterator[Model]:
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{source}: not valid TOML: {error}. Mend the file.") from error
    names: set[str] = set()
    for key, given in tree.items():
        if key != ROWS or not isinstance(given, list):
            raise Spot(source, (key,)).unknown([ROWS]) if key != ROWS else Spot(source, (key,)).wrong(given, "a list")
        for index, row in enumerate(given):
            model = table(Model, row, Spot(source, (ROWS, _name(row, index))))
            if model.name in names:
                raise ConfigError(f"{source}: two rows are called {model.name}. Rename one of them.")
            names.add(model.name)
            yield model


def table(kind: type[AnyStruct], tree: Any, spot: Spot) -> AnyStruct:
    """A table of a TOML file as its type, or an error that names the key at fault."""
    if not isinstance(tree, dict):
        raise spot.wrong(tree, "a table")
    known = settings_of(kind)
    for name in tree:
        if name not in known:
            raise spot.inner(name).unknown([spot.inner(each).key for each in known])
    for name, setting in known.items():
        if setting.required and name not in tree:
            raise spot.error(f"{spot.inner(name).key} is missing; allowed: {allowed(setting.type)}. Add it.")
    return kind(**{name: _value(known[name].type, given, spot.inner(name)) for name, given in tree.items()})


def _value(declared: Any, value: Any, spot: Spot) -> Any:
    section, element = section_of(declared), element_of(declared)
    if section is not None:
        return table(section, value, spot)
    if element is not None and isinstance(bare(declared), inspect.VarTupleType) and isinstance(value, list) and value:
        return tuple(table(element, each, spot.inner(index)) for index, each in enumerate(value))
    try:
        return msgspec.convert(value, declared)
    except msgspec.ValidationError as error:
        raise spot.wrong(value, allowed(declared)) from error


def _name(row: Any, index: int) -> str | int:
    name = row.get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) else index


def _ours(name: str) -> Iterator[Model]:
    return rows(files("models").joinpath("shelf", f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}. Name a readable file in paths.shelf, or none.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as UTF-8.") from error
