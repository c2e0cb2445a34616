"""Reads the Settings tree from a TOML file and the environment. Nothing else looks at the environment."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct, inspect

from appliance.errors import ConfigError
from appliance.settings import Settings
from appliance.settings.outline import (
    PREFIX,
    Setting,
    allowed,
    bare,
    element_of,
    leaves,
    section_of,
    settings_of,
)
from appliance.settings.rules import contradictions

FILE_NAME = "ringfence.toml"
CONFIG_VARIABLE = "RINGFENCE_CONFIG"
TEST_PREFIX = "RINGFENCE_TEST_"
LARGEST_SECRET = 64 << 10

AnyStruct = TypeVar("AnyStruct", bound=Struct)


class Spot(NamedTuple):
    """Where a value was given, for messages."""

    source: str
    path: tuple[str | int, ...] = ()

    def inner(self, name: str | int) -> "Spot":
        return Spot(self.source, (*self.path, name))

    @property
    def key(self) -> str:
        return "".join(_step(step) for step in self.path).removeprefix(".")

    def wrong(self, value: Any, words: str, *, secret: bool = False) -> ConfigError:
        shown = "a hidden value" if secret else _shown(value)
        return self.error(f"{self.key} is {shown}; allowed: {words}. Change {self.key}.")

    def unknown(self, known: Iterable[str]) -> ConfigError:
        near = max(known, key=lambda each: _likeness(self.key, each))
        return self.error(f"unknown key {self.key}; the nearest known key is {near}. Correct or remove it.")

    def error(self, text: str) -> ConfigError:
        return ConfigError(f"{self.source}: {text}", param=self.key)


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Environment over file over defaults."""
    environment = os.environ if environment is None else environment
    if file is None and CONFIG_VARIABLE in environment:
        file = Path(environment[CONFIG_VARIABLE])
    source = str(file or FILE_NAME)
    settings = _section(Settings, _read_file(file), Spot(source))
    for setting, value in _overrides(environment):
        settings = _replace(settings, setting.path, value)
        source = f"{file or FILE_NAME} and environment"
    for key, problem in contradictions(settings):
        raise ConfigError(f"{source}: {problem}", param=key)
    return settings


def _read_file(file: Path | None) -> dict[str, Any]:
    if file is None and not Path(FILE_NAME).exists():
        return {}
    file = file or Path(FILE_NAME)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = f"Name a readable file with --config or {CONFIG_VARIABLE}."
        raise ConfigError(f"{file}: {error.strerror}. {remedy}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}. Mend the file.") from error


def _section(kind: type[AnyStruct], tree: Any, spot: Spot) -> AnyStruct:
    if not isinstance(tree, dict):
        raise spot.wrong(tree, "a table")
    known = settings_of(kind)
    values = {}
    for name, given in tree.items():
        here = spot.inner(name)
        setting = known.get(name)
        value = given
        if setting is None:
            setting = known.get(name.removesuffix("_file"))
            if setting is None or not setting.secret:
                beside = [spot.inner(each).key for each in known]
                raise here.unknown([*beside, *(leaf.key for leaf in leaves())])
            if setting.path[0] in tree:
                raise here.error(f"{here.key} stands beside the secret itself. Remove one of the two.")
            value = _read_secret(given, here)
        values[setting.path[0]] = _value(setting, value, here)
    for name, setting in known.items():
        if setting.required and name not in values:
            raise spot.error(f"{spot.inner(name).key} is missing; allowed: {allowed(setting.type)}. Add it.")
    return kind(**values)


def _value(setting: Setting, value: Any, spot: Spot) -> Any:
    section = section_of(setting.type)
    if section is not None:
        return _section(section, value, spot)
    element, container = element_of(setting.type), bare(setting.type)
    if element is not None and isinstance(container, inspect.VarTupleType) and isinstance(value, list):
        return tuple(_section(element, each, spot.inner(i)) for i, each in enumerate(value))
    if element is not None and isinstance(container, inspect.DictType) and isinstance(value, dict):
        return {name: _section(element, each, spot.inner(name)) for name, each in value.items()}
    try:
        return msgspec.convert(value, setting.type, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise spot.wrong(value, allowed(setting.type), secret=setting.secret) from error


def _overrides(environment: Mapping[str, str]) -> Iterator[tuple[Setting, Any]]:
    known = {leaf.variable: leaf for leaf in leaves()}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE or variable.startswith(TEST_PREFIX):
            continue
        spot = Spot("environment", (variable,))
        setting = known.get(variable)
        if setting is not None:
            yield setting, _value(setting, _plain(setting, text, spot), spot)
            continue
        setting = known.get(variable.removesuffix("_FILE"))
        if setting is None or not setting.secret:
            raise spot.unknown(known)
        if setting.variable in environment:
            raise spot.error(f"{variable} stands beside {setting.variable}. Remove one of the two.")
        yield setting, _value(setting, _read_secret(text, spot), spot)


def _plain(setting: Setting, text: str, spot: Spot) -> Any:
    """A list or a table is given as JSON; everything else as plain text."""
    kind = bare(setting.type)
    if isinstance(kind, inspect.VarTupleType | inspect.DictType):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise spot.error(f"{spot.key} is not valid JSON: {error}. Give a JSON value.") from error
    if isinstance(kind, inspect.IntType | inspect.FloatType | inspect.BoolType):
        try:
            return msgspec.convert(text, setting.type, strict=False)
        except msgspec.ValidationError as error:
            raise spot.wrong(text, allowed(setting.type), secret=setting.secret) from error
    return text


def _replace(section: AnyStruct, path: tuple[str, ...], value: Any) -> AnyStruct:
    name, *rest = path
    if rest:
        value = _replace(getattr(section, name), tuple(rest), value)
    return msgspec.structs.replace(section, **{name: value})


def _read_secret(given: Any, spot: Spot) -> str:
    if not isinstance(given, str) or not given or "\0" in given:
        raise spot.wrong(given, "a path")
    try:
        with Path(given).open(encoding="utf-8") as file:
            secret = file.read(LARGEST_SECRET).strip()
    except OSError as error:
        problem = f"{spot.key}: cannot read {given}: {error.strerror}"
        raise spot.error(f"{problem}. Make the file readable.") from error
    except UnicodeDecodeError as error:
        raise spot.error(f"{spot.key}: {given} is not UTF-8 text. Write the secret as text.") from error
    if not secret:
        raise spot.error(f"{spot.key}: {given} is empty. Write the secret into it, or remove {spot.key}.")
    return secret


def _path(kind: type, value: Any) -> Path:
    # msgspec turns a ValueError into its own ValidationError.
    if isinstance(value, str) and value and "\0" not in value:
        return Path(value)
    raise ValueError(f"not a {kind.__name__}")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[\w-]+", step) else "." + json.dumps(step)


def _shown(value: Any) -> str:
    """A container is only named: a secret may stand in it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _likeness(key: str, known: str) -> float:
    """The last name counts as much as the whole, so that a setting in the wrong section is found."""
    pairs = (key, known), (key.rpartition(".")[2], known.rpartition(".")[2])
    return sum(difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio() for one, other in pairs)


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with some more, for a child process."""
    return {**os.environ, **added}
