"""Reads the Settings tree from a TOML file and the environment. Nothing else looks at the environment."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from appliance.errors import ConfigError
from appliance.settings import Section, Settings

PREFIX = "RINGFENCE_"
FILE_NAME = "ringfence.toml"
CONFIG_VARIABLE = "RINGFENCE_CONFIG"

Tree = dict[str, Any]


class Setting(NamedTuple):
    """One leaf of the tree, as the reference page and the checks see it."""

    path: tuple[str, ...]
    type: Any
    default: Any
    text: str
    secret: bool

    @property
    def key(self) -> str:
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        return PREFIX + "_".join(self.path).upper()


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Environment over file over defaults."""
    environment = os.environ if environment is None else environment
    named = file or (Path(environment[CONFIG_VARIABLE]) if CONFIG_VARIABLE in environment else None)
    tree, source = _read_file(named)
    tree = _resolve_secrets(Settings, tree, source)
    _build(Settings, tree, (), source)
    for setting, value in _from_environment(environment):
        _put(tree, setting.path, value)
    settings: Settings = _build(Settings, tree, (), source)
    return settings


def leaves(section: type[Struct] = Settings, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every setting of the tree, in its order."""
    for field in msgspec.structs.fields(section):
        here = (*path, field.name)
        inner = _struct_of(field.type)
        if inner is not None:
            yield from leaves(inner, here)
            continue
        meta = _meta(field.type)
        extra = (meta.extra or {}) if meta else {}
        text = (meta.description or "") if meta else ""
        yield Setting(here, field.type, field.default, text, bool(extra.get("secret")))


def secrets(section: type[Struct]) -> set[str]:
    return {leaf.path[0] for leaf in leaves(section) if len(leaf.path) == 1 and leaf.secret}


def _read_file(named: Path | None) -> tuple[Tree, str]:
    file = named or Path(FILE_NAME)
    if named is None and not file.exists():
        return {}, FILE_NAME
    try:
        return tomllib.loads(file.read_text()), str(file)
    except OSError as error:
        raise ConfigError(
            f"{file}: {error.strerror}. Name a readable file with --config or {CONFIG_VARIABLE}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}. Mend the file.") from error


def _build(kind: type[Struct], tree: Any, path: tuple[str, ...], source: str) -> Any:
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{source}: {'.'.join(path)} is {tree!r}; allowed: a table. Write it as [{'.'.join(path)}]."
        )
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values = {}
    for name, value in tree.items():
        here = (*path, name)
        if name not in fields:
            raise ConfigError(
                _unknown(source, ".".join(here), [".".join((*path, known)) for known in fields])
            )
        values[name] = _value(fields[name].type, value, here, source)
    missing = [name for name, field in fields.items() if field.required and name not in values]
    if missing:
        raise ConfigError(f"{source}: {'.'.join((*path, missing[0]))} is missing. Add it.")
    return kind(**values)


def _value(declared: Any, value: Any, path: tuple[str, ...], source: str) -> Any:
    inner = _struct_of(declared)
    if inner is not None:
        return _build(inner, value, path, source)
    element = _element_struct(declared)
    if element is not None and isinstance(value, list):
        return tuple(_build(element, each, (*path, str(i)), source) for i, each in enumerate(value))
    if element is not None and isinstance(value, dict):
        return {name: _build(element, each, (*path, name), source) for name, each in value.items()}
    try:
        return msgspec.convert(value, declared, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        key = ".".join(path)
        raise ConfigError(
            f"{source}: {key} is {value!r}; {_allowed(error)}. Change {key}.", param=key
        ) from error


def _allowed(error: msgspec.ValidationError) -> str:
    return str(error).split(" - at ", maxsplit=1)[0].replace("`", "").lower()


def _unknown(source: str, key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0)
    return f"{source}: unknown key {key}; the nearest known key is {near[0]}."


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[Setting, Any]]:
    by_variable = {leaf.variable: leaf for leaf in leaves()}
    for variable, text in sorted(environment.items()):
        if (
            not variable.startswith(PREFIX)
            or variable == CONFIG_VARIABLE
            or variable.startswith(f"{PREFIX}TEST_")
        ):
            continue
        leaf = by_variable.get(variable)
        if leaf is None and variable.endswith("_FILE"):
            leaf = by_variable.get(variable.removesuffix("_FILE"))
            if leaf is not None and leaf.secret:
                text = _read_secret(Path(text), variable)
            else:
                leaf = None
        if leaf is None:
            raise ConfigError(_unknown("environment", variable, list(by_variable)))
        yield leaf, _parse(leaf, text, variable)


def _parse(leaf: Setting, text: str, variable: str) -> Any:
    """A list or a table is given as JSON; everything else as plain text."""
    value: Any = text
    source = f"environment: {variable}"
    if get_origin(_bare(leaf.type)) in (tuple, dict):
        try:
            value = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise ConfigError(f"{source} is not valid JSON: {error}. Give a JSON value.") from error
    elif not _accepts_text(leaf.type):
        try:
            value = msgspec.to_builtins(msgspec.convert(text, _bare(leaf.type), strict=False))
        except msgspec.ValidationError as error:
            raise ConfigError(
                f"{source} is {text!r}; {_allowed(error)}. Change {variable}.", param=leaf.key
            ) from error
    _value(leaf.type, value, leaf.path, source)
    return value


def _accepts_text(declared: Any) -> bool:
    try:
        msgspec.convert("", declared, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        return "got `str`" not in str(error)
    return True


def _decode_path(kind: type, value: Any) -> Any:
    if isinstance(value, str) and issubclass(kind, Path):
        return Path(value)
    raise ValueError(f"expected a path, got {value!r}")


def _put(tree: Tree, path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _resolve_secrets(kind: type[Struct], tree: Tree, source: str) -> Tree:
    """`key_file = "…"` stands for `key`, wherever `key` is a secret."""
    resolved: Tree = {}
    hidden = secrets(kind)
    sections = {
        field.name: _struct_of(field.type) or _element_struct(field.type)
        for field in msgspec.structs.fields(kind)
    }
    for name, value in tree.items():
        base = name.removesuffix("_file")
        section = sections.get(name)
        if name.endswith("_file") and base in hidden and isinstance(value, str):
            resolved[base] = _read_secret(Path(value), f"{source}: {name}")
        elif section is not None and isinstance(value, list):
            resolved[name] = [
                _resolve_secrets(section, each, source) if isinstance(each, dict) else each for each in value
            ]
        elif (
            section is not None
            and isinstance(value, dict)
            and _struct_of(_field_type(kind, name)) is not None
        ):
            resolved[name] = _resolve_secrets(section, value, source)
        else:
            resolved[name] = value
    return resolved


def _read_secret(file: Path, named_by: str) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"{named_by}: cannot read {file}: {error.strerror}. Make the file readable."
        ) from error


def _field_type(kind: type[Struct], name: str) -> Any:
    return next(field.type for field in msgspec.structs.fields(kind) if field.name == name)


def _bare(declared: Any) -> Any:
    return get_args(declared)[0] if get_origin(declared) is Annotated else declared


def _meta(declared: Any) -> Meta | None:
    """The outermost description: an inner one belongs to a shared alias such as `Port`."""
    metas = [
        each for each in getattr(declared, "__metadata__", ()) if isinstance(each, Meta) and each.description
    ]
    return metas[-1] if metas else None


def _struct_of(declared: Any) -> type[Struct] | None:
    bare = _bare(declared)
    return bare if isinstance(bare, type) and issubclass(bare, Section) else None


def _element_struct(declared: Any) -> type[Struct] | None:
    for argument in get_args(_bare(declared)):
        if isinstance(argument, type) and issubclass(argument, Section):
            return argument
    return None
