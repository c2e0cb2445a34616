"""A bill of materials (CycloneDX 1.6, JSON) of what a bundle holds. Pure; the same contents give the same bytes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from models.store.manifest import Manifest, StoredFile

WHEEL = re.compile(r"packages/(?:.*/)?([A-Za-z0-9._]+)-([^-/]+)(?:-[^/]*)?\.(?:whl|tar\.gz)")
TYPES = {"packages": "file", "images": "file", "migrations": "file", "knowledge": "data"}


def make(name: str, models: Iterable[Manifest], files: Iterable[StoredFile], images: Iterable[str]) -> bytes:
    components = [*map(_model, models), *map(_file, files), *map(_image, images)]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": f"bundle:{name}", "name": name}},
        "components": components,
    }
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def image_names(lists: Mapping[str, str]) -> Iterator[str]:
    """The images that lists of them name, one a line; `#` begins a remark."""
    for path in sorted(lists):
        for line in lists[path].splitlines():
            if name := line.partition("#")[0].strip():
                yield name


def _model(model: Manifest) -> dict[str, Any]:
    reference = f"model:{model.name}"
    found: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": reference, "name": model.name}
    if model.revision:
        found["version"] = model.revision
    if model.licence:
        found["licenses"] = [{"license": {"name": model.licence}}]
    if model.source:
        found["description"] = f"From {model.source}"
    parts = [_hashed({"type": "file", "bom-ref": f"{reference}/{file.path}"}, file) for file in model.files]
    return found | {"components": parts}


def _file(file: StoredFile) -> dict[str, Any]:
    reference = f"file:{file.path}"
    if wheel := WHEEL.fullmatch(file.path):
        name = re.sub(r"[-_.]+", "-", wheel[1]).lower()
        library = {"type": "library", "bom-ref": reference, "purl": f"pkg:pypi/{name}@{wheel[2]}"}
        return _hashed(library, file) | {"name": name, "version": wheel[2]}
    return _hashed({"type": TYPES.get(file.path.partition("/")[0], "file"), "bom-ref": reference}, file)


def _hashed(component: dict[str, Any], file: StoredFile) -> dict[str, Any]:
    return component | {"name": file.path, "hashes": [{"alg": "SHA-256", "content": file.sha256}]}


def _image(name: str) -> dict[str, Any]:
    bare, _, digest = name.partition("@sha256:")
    found: dict[str, Any] = {"type": "container", "bom-ref": f"image:{name}", "name": bare}
    return found | ({"hashes": [{"alg": "SHA-256", "content": digest}]} if digest else {})
