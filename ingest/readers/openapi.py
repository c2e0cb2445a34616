"""OpenAPI and Swagger files: one block an operation."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from appliance.errors import Unreadable
from ingest.content import Block, Content
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece

MARK = re.compile(r"""^[ \t]{0,40}\{?\s{0,40}["']?(?:openapi|swagger)["']?\s{0,40}:\s{0,40}["']?[23]""", re.M)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MOST_LINES = 300
"""Of one operation."""
DEEPEST = 4
"""Of the objects in a body that are listed."""


def looks_like(text: str, suffix: str) -> bool:
    begins = text.lstrip()[:1] == "{" or suffix in (".yaml", ".yml") or text.startswith(("openapi:", "swagger:"))
    return begins and bool(MARK.search(text))


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    root = _parsed(decode(file.data), PurePosixPath(file.path).suffix.lower())
    described = Description(root)
    info = _object(root.get("info"))
    title = " ".join(_words(info.get(each)) for each in ("title", "version")).strip()
    blocks = [Block(kind="heading", text=title or "API", level=1)]
    if about := _words(info.get("description")).strip():
        blocks.append(Block(kind="paragraph", text=about))
    for path, methods in _object(root.get("paths")).items():
        for method in METHODS:
            if isinstance(operation := _object(methods).get(method), dict):
                blocks.append(Block(kind="heading", text=f"{method.upper()} {path}", level=2))
                shared = _list(_object(methods).get("parameters"))
                lines = islice(described.operation(f"{method.upper()} {path}", operation, shared), MOST_LINES)
                blocks.append(Block(kind="code", text="\n".join(lines)))
    yield Content(path=file.path, blocks=tuple(blocks), title=title)


class Description:
    """An operation in words, its references looked up."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root

    def operation(self, name: str, operation: dict[str, Any], shared: list[Any]) -> Iterator[str]:
        yield name
        for each in ("summary", "description"):
            if text := _words(operation.get(each)).strip():
                yield text
        for each in [*shared, *_list(operation.get("parameters"))]:
            parameter = self._found(each)
            needed = ", required" if parameter.get("required") is True else ""
            kind = _words(self._found(parameter.get("schema")).get("type")) or _words(parameter.get("type"))
            yield _told(
                f"parameter {_words(parameter.get('name'))} ({_words(parameter.get('in'))} {kind}{needed})", parameter
            )
        body = self._found(operation.get("requestBody"))
        for media, shape in _object(body.get("content")).items():
            yield f"body {media}"
            yield from self._fields(_object(shape).get("schema"), 1)
        for status, each in _object(operation.get("responses")).items():
            response = self._found(each)
            yield _told(f"response {status}", response)
            for shape in islice(_object(response.get("content")).values(), 1):
                yield from self._fields(_object(shape).get("schema"), 1)

    def _fields(self, schema: Any, depth: int) -> Iterator[str]:
        if depth > DEEPEST:
            return
        shape = self._found(schema)
        if isinstance(items := shape.get("items"), dict):
            yield from self._fields(items, depth)
        for each in [*_list(shape.get("allOf")), *_list(shape.get("oneOf")), *_list(shape.get("anyOf"))]:
            yield from self._fields(each, depth + 1)
        needed = _list(shape.get("required"))
        for name, each in _object(shape.get("properties")).items():
            field = self._found(each)
            kind = _words(field.get("type")) + (", required" if name in needed else "")
            choices = ", one of " + " ".join(map(_words, field["enum"])) if _list(field.get("enum")) else ""
            yield "  " * depth + _told(f"{name} ({kind}{choices})", field)
            yield from self._fields(field, depth + 1)

    def _found(self, value: Any) -> dict[str, Any]:
        """The object itself, or what it refers to in this file; other files are not opened."""
        for _ in range(8):
            reference = _object(value).get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            value = self._root
            for key in reference[2:].split("/"):
                value = _object(value).get(key.replace("~1", "/").replace("~0", "~"))
        return _object(value)


def _parsed(text: str, suffix: str) -> dict[str, Any]:
    import yaml

    try:
        root = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, yaml.CSafeLoader)
    except (ValueError, yaml.YAMLError) as error:
        raise Unreadable("damaged", "The description is no valid JSON or YAML. Mend it.") from error
    return _object(root)


def _told(name: str, of: dict[str, Any]) -> str:
    about = " ".join(_words(of.get("description")).split())
    return f"{name}: {about}" if about else name


def _words(value: Any) -> str:
    """Of a scalar; what is nested may be endless in YAML, where a part can hold itself."""
    return str(value) if isinstance(value, str | int | float) else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
