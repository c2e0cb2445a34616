"""The page at /docs: the endpoints and their parameters, without scripts or anything from another host."""

from collections.abc import Iterator
from html import escape
from typing import Any

Description = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0a7d5a; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
summary { cursor: pointer; padding: .5rem .8rem; } details[open] summary { border-bottom: 1px solid var(--line); }
details > div { padding: .2rem .8rem .8rem; overflow-x: auto; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; }
.method { color: var(--accent); font-weight: 700; margin-right: .6rem; } .what { float: right; opacity: .75; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem .25rem 0; }
tr + tr td { border-top: 1px solid var(--line); } th { font-weight: 600; } .required { color: var(--accent); }
"""

EXAMPLE = """curl {origin}/v1/chat/completions \\
  -H "Authorization: Bearer $RINGFENCE_KEY" -H "Content-Type: application/json" \\
  -d '{{"model": "MODEL", "messages": [{{"role": "user", "content": "What is a router?"}}]}}'"""


def page(description: Description, origin: str) -> str:
    sections: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            tag = operation.get("tags", ["other"])[0]
            sections.setdefault(tag, []).append(_operation(description, method, path, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in sections.items())
    info = description["info"]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style>"
        f"<h1>{escape(info['title'])} API</h1><p>Version {escape(info['version'])}. Every call carries "
        "<code>Authorization: Bearer &lt;key&gt;</code>. OpenAI's clients work unchanged; parameters that are not "
        "listed here are handed to the engine. The same as data: <a href=/openapi.json>openapi.json</a>.</p>"
        f"<pre>{escape(EXAMPLE.format(origin=origin))}</pre>{body}</html>"
    )


def _operation(description: Description, method: str, path: str, operation: Description) -> str:
    rows = "".join(_rows(description, operation))
    table = f"<table><tr><th>Parameter<th>Type<th>Allowed</tr>{rows}</table>" if rows else "<p>No parameters.</p>"
    return (
        f"<details><summary><span class=what>{escape(operation.get('summary', ''))}</span>"
        f"<span class=method>{method.upper()}</span><code>{escape(path)}</code></summary><div>{table}</div></details>"
    )


def _rows(description: Description, operation: Description) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        yield _row(parameter["name"], parameter["schema"], required=parameter.get("required", False))
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content:
        schema = _resolve(description, content["schema"])
        for name, field in schema.get("properties", {}).items():
            yield _row(name, field, required=name in schema.get("required", ()))


def _row(name: str, schema: Description, *, required: bool) -> str:
    mark = " <span class=required>required</span>" if required else ""
    return f"<tr><td><code>{escape(name)}</code>{mark}<td>{escape(_type(schema))}<td>{escape(_allowed(schema))}</tr>"


def _resolve(description: Description, schema: Description) -> Description:
    if "$ref" not in schema:
        return schema
    found: Description = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _type(schema: Description) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each) for each in schema["anyOf"] if each.get("type") != "null"))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "text" if "enum" in schema else "any"))


def _allowed(schema: Description) -> str:
    for each in (schema, *schema.get("anyOf", ())):
        if "enum" in each:
            return ", ".join(str(value) for value in each["enum"])
        least, most = each.get("minimum"), each.get("maximum")
        if least is not None:
            return f"{least} to {most}" if most is not None else f"{least} or more"
    return ""
