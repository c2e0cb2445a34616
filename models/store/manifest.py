"""What the store knows of a model: its files, each with size and SHA-256."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from appliance.errors import ModelError
from models.store.names import check_digest, check_name, check_paths

Size = Annotated[int, Meta(ge=0, le=1 << 50)]
LARGEST = 16 << 20


class StoredFile(Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    size: Size
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    source: str
    """Where it came from: a repository, a package or a folder."""
    revision: str = ""
    licence: str = ""
    files: tuple[StoredFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def check(manifest: Manifest) -> Manifest:
    check_name(manifest.name)
    check_paths((file.path for file in manifest.files), manifest.name)
    for file in manifest.files:
        check_digest(file.sha256)
    return manifest


def read(file: Path) -> Manifest | None:
    """None when there is no such manifest."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return check(msgspec.json.decode(data, type=Manifest))
    except (msgspec.DecodeError, ModelError) as error:
        raise ModelError(f"{file} is damaged ({error}). Delete it and pull the model again.") from error


def write(file: Path, manifest: Manifest) -> None:
    """Whole or not at all."""
    write_whole(file, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def write_whole(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.urandom(4).hex()}")
    try:
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
