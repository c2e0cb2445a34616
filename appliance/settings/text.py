"""Settings as text: the tree in force with its secrets hidden, and the reference page.

`python -m appliance.settings.text > docs/reference/settings.md` writes the page.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from appliance.settings.outline import Setting, allowed, element_of, leaves, settings_of
from appliance.settings.rules import PLACEHOLDER

INTRODUCTION = """\
# Settings

Made from `appliance/settings/` by `python -m appliance.settings.text`; change it there.

Ringfence reads `ringfence.toml` in the working directory, or the file named by `--config` or
`RINGFENCE_CONFIG`. Every setting may also stand in the environment, which wins over the file; lists and
tables are written there as JSON. A secret may be kept in a file of its own: `key_file = "/run/secrets/key"`
in place of `key`, or the variable with `_FILE` added. An unknown key is an error that names the nearest
known one. `ringfence config check` reads everything and says what is wrong; `ringfence config show` prints
what is in force, with secrets hidden.
"""


def shown(settings: Struct) -> dict[str, Any]:
    """The tree as plain values, for TOML or JSON; a secret that is set is replaced by a mark."""
    known = settings_of(type(settings))
    return {name: _plain(setting, getattr(settings, name)) for name, setting in known.items()}


def to_toml(tree: dict[str, Any]) -> str:
    """TOML text that reads back as the same tree; what is None is left out."""
    return "\n".join(_tables(tree, "")).strip() + "\n"


def page() -> str:
    """The reference page, in Markdown."""
    lines = [INTRODUCTION]
    section = ""
    for setting in leaves():
        element = element_of(setting.type)
        if element is not None:
            lines += _table_of(setting, element)
            section = ""
            continue
        if (name := ".".join(setting.path[:-1])) != section:
            section = name
            lines += [f"## `[{section}]`", ""]
        lines += _entry(setting.path[-1], setting, setting.variable)
    return "\n".join(lines).rstrip() + "\n"


def _plain(setting: Setting, value: Any) -> Any:
    if setting.secret:
        return PLACEHOLDER if value else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [shown(each) if isinstance(each, Struct) else each for each in value]
    if isinstance(value, dict):
        return {name: shown(each) if isinstance(each, Struct) else each for name, each in value.items()}
    return shown(value) if isinstance(value, Struct) else value


def _tables(tree: dict[str, Any], path: str) -> Iterator[str]:
    later = []
    for name, value in tree.items():
        here = f"{path}.{_name(name)}" if path else _name(name)
        if isinstance(value, dict):
            later += [f"\n[{here}]", *_tables(value, here)]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for each in value:
                later += [f"\n[[{here}]]", *_tables(each, here)]
        elif value is not None:
            yield f"{_name(name)} = {_literal(value)}"
    yield from later


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _literal(name)


def _literal(value: Any) -> str:
    if isinstance(value, str):
        # JSON and TOML escape alike, but for this one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(_literal(each) for each in value) + "]"
    return json.dumps(value)


def _table_of(setting: Setting, element: type[Struct]) -> list[str]:
    named = isinstance(setting.default, dict)
    head = f"[{setting.key}.NAME]" if named else f"[[{setting.key}]]"
    lines = [f"## `{head}`", "", setting.text, f"In the environment: `{setting.variable}`, as JSON.", ""]
    for inner in leaves(element):
        lines += _entry(inner.key, inner, None)
    return lines


def _entry(name: str, setting: Setting, variable: str | None) -> list[str]:
    facts = [allowed(setting.type)]
    if setting.required:
        facts.append("required")
    elif setting.default not in ("", (), None):
        default = _plain(setting._replace(secret=False), setting.default)
        facts.append(f"default `{_literal(default)}`")
    if setting.secret:
        facts.append("secret")
    if variable:
        facts.append(f"`{variable}`")
    return [f"**`{name}`** · {' · '.join(facts)}  ", setting.text, ""]


if __name__ == "__main__":
    sys.stdout.write(page())
