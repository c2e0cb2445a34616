"""The manifest of a bundle: what is in it, by digest. It is what is signed. Pure."""

import hashlib
from typing import Literal

import msgspec
from msgspec import Struct

from appliance.errors import ModelError
from models.store import manifest
from models.store.manifest import Manifest, StoredFile
from models.store.names import DIGEST, check_digest, check_name, check_paths

KINDS = ("packages", "images", "migrations", "knowledge")
"""Folders of what goes along with the models."""
SBOM = "sbom.cdx.json"
LARGEST = 16 << 20
MOST_FILES = 100_000
AGAIN = "Have the bundle made anew."


class Contents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["ringfence-bundle-1"] = "ringfence-bundle-1"
    name: str
    base: str = ""
    """The bundle that holds what is needed and not carried, by the SHA-256 of its manifest."""
    models: tuple[Manifest, ...] = ()
    files: tuple[StoredFile, ...] = ()
    carried: tuple[str, ...] = ()
    """The contents in this bundle, in its order, by SHA-256."""

    @property
    def sizes(self) -> dict[str, int]:
        """Of every content that is needed, by SHA-256."""
        return {file.sha256: file.size for file in self.all_files}

    @property
    def all_files(self) -> list[StoredFile]:
        return [*(file for model in self.models for file in model.files), *self.files]

    @property
    def attached(self) -> Manifest:
        """What goes along, as the store keeps it."""
        return Manifest(name=self.name, source="bundle", files=self.files)


def encode(contents: Contents) -> bytes:
    return msgspec.json.format(msgspec.json.encode(contents)) + b"\n"


def identify(data: bytes) -> str:
    """A bundle's id, from the bytes of its manifest."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes) -> Contents:
    """Refuses everything that no `export` would write."""
    if len(data) > LARGEST:
        raise ModelError(f"The manifest is over {LARGEST >> 20} MiB. {AGAIN}")
    try:
        contents = msgspec.json.decode(data, type=Contents)
    except msgspec.DecodeError as error:
        raise ModelError(f"The manifest is not one that Ringfence writes ({error}). {AGAIN}") from error
    check_name(contents.name)
    if contents.base and not DIGEST.fullmatch(contents.base):
        raise ModelError(f"The manifest names no bundle as its base. {AGAIN}")
    files = contents.all_files
    if len(files) > MOST_FILES:
        raise ModelError(f"The manifest names {len(files)} files; allowed: {MOST_FILES}. {AGAIN}")
    check_paths((model.name for model in contents.models), "The list of models")
    for model in contents.models:
        manifest.check(model)
    _check_attached(contents)
    _check_carried(contents, files)
    return contents


def _check_attached(contents: Contents) -> None:
    check_paths((file.path for file in contents.files), contents.name)
    for file in contents.files:
        check_digest(file.sha256)
        if file.path != SBOM and file.path.partition("/")[0] not in KINDS:
            raise ModelError(f"{file.path}: a bundle holds {', '.join(KINDS)}, and nothing else. {AGAIN}")


def _check_carried(contents: Contents, files: list[StoredFile]) -> None:
    sizes = contents.sizes
    if any(sizes[file.sha256] != file.size for file in files):
        raise ModelError(f"The manifest gives one content two sizes. {AGAIN}")
    carried = set(contents.carried)
    if len(carried) != len(contents.carried):
        raise ModelError(f"The manifest carries a content twice. {AGAIN}")
    if extra := carried - sizes.keys():
        raise ModelError(f"The manifest carries {min(extra)[:12]}…, which no model or file needs. {AGAIN}")
    if carried != sizes.keys() and not contents.base:
        raise ModelError(f"The manifest leaves contents out and names no bundle that has them. {AGAIN}")
