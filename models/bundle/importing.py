"""Brings a bundle into the store: after all of it was read and found right, and again with an eye on every byte."""

import hashlib
import os
from collections.abc import Iterator

from msgspec import Struct

from appliance.errors import ModelError
from models.bundle.opening import Opened
from models.store import Meter, Store
from models.store.disk import check_space


class Imported(Struct, frozen=True):
    id: str
    models: tuple[str, ...]
    folder: str
    """Where what goes along with the models is."""
    written: int
    """Bytes that were not in the store before."""


def bring(opened: Opened, store: Store, meter: Meter) -> Imported:
    """For a bundle that `check` found right. What is there already is not written again."""
    contents = opened.contents
    with store.writing(meter) as fresh:
        missing = [index for index, sha256 in enumerate(contents.carried) if not store.blobs.is_whole(sha256)]
        written = sum(opened.members[index].size for index in missing)
        check_space(store.root, written, contents.name)
        if missing:
            meter.begin(written)
        for index in missing:
            sha256 = contents.carried[index]
            fresh.add(sha256)
            _write(opened.read(index), sha256, store, meter)
        for model in contents.models:
            store.install(model)
        store.attach(contents.attached)
    names = tuple(model.name for model in contents.models)
    return Imported(opened.id, names, str(store.attached(contents.name)), written)


def _write(pieces: Iterator[bytes], sha256: str, store: Store, meter: Meter) -> None:
    store.blobs.folder.mkdir(parents=True, exist_ok=True)
    beside = store.blobs.folder / f".{sha256}.{os.urandom(4).hex()}"
    check = hashlib.sha256()
    try:
        with beside.open("wb") as stream:
            for piece in pieces:
                check.update(piece)
                stream.write(piece)
                meter.advance(len(piece))
        if check.hexdigest() != sha256:
            raise ModelError("The bundle was changed while it was read. Copy it to a disk of your own and import that.")
        store.blobs.publish(beside, sha256)
    finally:
        beside.unlink(missing_ok=True)
