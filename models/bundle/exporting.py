"""Writes a bundle: first all digests, then every content once, checked again on its way out."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from appliance.errors import InvalidRequest, ModelError
from models.bundle import archive, sbom, signature
from models.bundle.contents import SBOM, Contents, decode, encode, identify
from models.bundle.parts import HEAD, PartWriter
from models.store import Blobs, Manifest, Meter, StoredFile, formats
from models.store.digest import CHUNK, sha256_of
from models.store.disk import check_space
from models.store.manifest import write_whole

MOST_PARTS = 500
SMALLEST_PART = 64 << 10
LONGEST_LIST = 1 << 20


class Order(Struct, frozen=True, kw_only=True):
    """What is to be in a bundle."""

    name: str
    models: tuple[Manifest, ...] = ()
    attached: Mapping[str, Path] = {}
    """Files that go along, by their path in the bundle."""
    base: Contents | None = None
    """An older bundle that the receiver has, and its id."""
    base_id: str = ""


class Output(Struct, frozen=True):
    target: Path
    key: Path
    part_size: int | None = None


class Exported(Struct, frozen=True):
    id: str
    files: tuple[str, ...]
    size: int


def export(order: Order, blobs: Blobs, output: Output, meter: Meter) -> Exported:
    """Into the target, or into parts that add `.001` and so on; its manifest beside it, to build the next bundle on."""
    attached = [_attached(path, file) for path, file in sorted(order.attached.items())]
    bill = sbom.make(order.name, order.models, attached, sbom.image_names(_image_lists(order.attached)))
    bill_file = StoredFile(SBOM, len(bill), hashlib.sha256(bill).hexdigest())
    contents = _contents(order, (bill_file, *attached))
    data = encode(contents)
    decode(data)
    files = {file.sha256: blobs.path(file.sha256) for model in order.models for file in model.files}
    files |= {file.sha256: order.attached[file.path] for file in attached}
    head = (data, signature.sign(data, output.key))
    try:
        written = _write(contents, head, _Source(files, {bill_file.sha256: bill}), output, meter)
        write_whole(output.target.with_name(f"{output.target.name}.manifest.json"), data)
    except OSError as error:
        place = error.filename or output.target
        raise ModelError(f"{place}: {error.strerror}. Free space, or mend what it names, then try again.") from error
    return written


class _Source(Struct, frozen=True):
    files: Mapping[str, Path]
    made: Mapping[str, bytes]

    def pieces(self, sha256: str) -> Iterator[bytes]:
        if sha256 in self.made:
            yield self.made[sha256]
            return
        with self.files[sha256].open("rb") as stream:
            while piece := stream.read(CHUNK):
                yield piece


def _write(contents: Contents, head: tuple[bytes, bytes], source: _Source, output: Output, meter: Meter) -> Exported:
    members = archive.members(len(head[0]), contents)
    size, bundle = archive.total(members), identify(head[0])
    check_space(output.target.absolute().parent, size, "The bundle")
    _check_part_size(output.part_size, size)
    meter.begin(size)
    writer = PartWriter(output.target, size, output.part_size, bundle)
    try:
        for member, data in zip(members, head, strict=False):
            writer.write(member.header + data + bytes(member.padding))
        for member, sha256 in zip(members[len(head) :], contents.carried, strict=True):
            writer.write(member.header)
            _copy(writer, source, sha256, meter)
            writer.write(bytes(member.padding))
        writer.write(archive.END)
        files = writer.finish()
    finally:
        writer.discard()
    return Exported(bundle, tuple(map(str, files)), size)


def _copy(writer: PartWriter, source: _Source, sha256: str, meter: Meter) -> None:
    check = hashlib.sha256()
    for piece in source.pieces(sha256):
        check.update(piece)
        writer.write(piece)
        meter.advance(len(piece))
    if check.hexdigest() != sha256:
        where = source.files.get(sha256, SBOM)
        raise ModelError(f"{where} is not what it was: its SHA-256 is {check.hexdigest()}. `ringfence models verify`.")


def _contents(order: Order, files: tuple[StoredFile, ...]) -> Contents:
    needed = Contents(name=order.name, models=order.models, files=files).sizes
    there = order.base.sizes if order.base is not None else {}
    carried = tuple(sha256 for sha256 in needed if sha256 not in there)
    base = order.base_id if len(carried) < len(needed) else ""
    return Contents(name=order.name, base=base, models=order.models, files=files, carried=carried)


def _attached(path: str, file: Path) -> StoredFile:
    try:
        with file.open("rb") as stream:
            formats.check_attached(path, stream.read(formats.SAMPLE))
        return StoredFile(path, file.stat().st_size, sha256_of(file))
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}. Name another, or leave it out.") from error


def _image_lists(attached: Mapping[str, Path]) -> dict[str, str]:
    lists = {path: file for path, file in attached.items() if path.startswith("images/") and path.endswith(".txt")}
    if large := next((file for file in lists.values() if file.stat().st_size > LONGEST_LIST), None):
        raise InvalidRequest(f"{large} is too long for a list of images. Give one image a line.")
    return {path: file.read_text(encoding="utf-8", errors="replace") for path, file in lists.items()}


def _check_part_size(part_size: int | None, size: int) -> None:
    if part_size is None:
        return
    if part_size < SMALLEST_PART or size / (part_size - HEAD) > MOST_PARTS:
        least = max(SMALLEST_PART, size // MOST_PARTS + HEAD + 1)
        raise InvalidRequest(f"Parts of {part_size} bytes are too small for this bundle. Take at least {least}.")
