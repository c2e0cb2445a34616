"""The Settings tree seen from outside: each setting with its type in words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import NODEFAULT, Struct, inspect

from appliance.settings.tree import Settings

PREFIX = "RINGFENCE_"


class Setting(NamedTuple):
    """One setting as the file, the environment and the reference page name it."""

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

    @property
    def required(self) -> bool:
        return self.default is NODEFAULT


def leaves(section: type[Struct] = Settings, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every setting of the tree, in its order."""
    for field in msgspec.structs.fields(section):
        setting = _setting((*path, field.name), field)
        inner = section_of(setting.type)
        if inner is not None:
            yield from leaves(inner, setting.path)
        else:
            yield setting


def settings_of(section: type[Struct]) -> dict[str, Setting]:
    """What stands directly in a section, inner sections included."""
    return {field.name: _setting((field.name,), field) for field in msgspec.structs.fields(section)}


def section_of(declared: Any) -> type[Struct] | None:
    kind = bare(declared)
    return kind.cls if isinstance(kind, inspect.StructType) else None


def element_of(declared: Any) -> type[Struct] | None:
    """The section that each entry of a list or of a named table is."""
    match bare(declared):
        case inspect.VarTupleType(item_type=inspect.StructType(cls=cls)):
            return cls
        case inspect.DictType(value_type=inspect.StructType(cls=cls)):
            return cls
    return None


def bare(declared: Any) -> inspect.Type:
    """The type without its description; a setting that may be absent is described by what it may be."""
    kind = declared if isinstance(declared, inspect.Type) else inspect.type_info(declared)
    match kind:
        case inspect.Metadata(type=inner):
            return bare(inner)
        case inspect.UnionType(types=(inner, inspect.NoneType())):
            return bare(inner)
    return kind


def allowed(declared: Any) -> str:
    """What a setting may be, in words."""
    match bare(declared):
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() as number:
            return "a whole number" + _range(number)
        case inspect.FloatType() as number:
            return "a number" + _range(number)
        case inspect.StrType(min_length=shortest, max_length=longest):
            if longest == 1:
                return "one character"
            many = f"{shortest} to {longest}" if shortest != longest else longest
            return f"text of {many} characters" if longest else "text"
        case inspect.CustomType():
            return "a path"
        case inspect.VarTupleType(item_type=item):
            return f"a list, each {allowed(item)}"
        case inspect.StructType():
            return "a table"
        case inspect.DictType(value_type=value):
            return f"a table of names, each {allowed(value)}"
    raise TypeError(f"the settings tree uses a type without words: {declared}")


def _setting(path: tuple[str, ...], field: msgspec.structs.FieldInfo) -> Setting:
    default = field.default
    if field.default_factory is not NODEFAULT:
        default = field.default_factory()
    kind = inspect.type_info(field.type)
    text, secret = "", False
    if isinstance(kind, inspect.Metadata):
        text = (kind.extra_json_schema or {}).get("description", "")
        secret = bool((kind.extra or {}).get("secret"))
    return Setting(path, field.type, default, text, secret)


def _range(number: inspect.IntType | inspect.FloatType) -> str:
    least = f"{number.ge:,}" if number.ge is not None else f"above {number.gt:,}"
    return f" from {least} to {number.le:,}" if number.ge is not None else f" {least}, at most {number.le:,}"
