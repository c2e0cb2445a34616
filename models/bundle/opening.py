"""Reads a bundle and believes nothing: signature first, then every byte, and nothing is written."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from msgspec import Struct

from appliance.errors import ModelError
from models.bundle import archive, signature
from models.bundle.archive import REFUSED, Member
from models.bundle.contents import Contents, decode, identify
from models.bundle.parts import Joined, join
from models.bundle.signature import PublicKey
from models.store import Blobs, Meter, formats


class Opened(Struct, frozen=True):
    """A bundle of which the manifest is signed, by whomever."""

    contents: Contents
    id: str
    signer: PublicKey
    stream: Joined
    members: tuple[Member, ...]
    """The contents that it carries, and where each begins."""
    starts: tuple[int, ...]

    def read(self, index: int) -> Iterator[bytes]:
        """The content of a member."""
        self.stream.seek(self.starts[index])
        return archive.read_member(self.stream, self.members[index])


@contextmanager
def open_bundle(files: Sequence[Path], trusted: Iterable[PublicKey] | None = None) -> Iterator[Opened]:
    """Its one file, or all of its parts. Without `trusted`, only to look at it: anybody may have signed it."""
    with join(files) as stream:
        data, signed = archive.read_manifest(stream)
        signer = signature.signer(signed, data)
        if trusted is not None:
            signature.check_trusted(signer, trusted)
        contents, bundle = decode(data), identify(data)
        if stream.bundle not in ("", bundle):
            raise ModelError(f"The parts are of another bundle than the manifest in them. {REFUSED}")
        members = archive.members(len(data), contents)
        if stream.size != (size := archive.total(members)):
            how = "is truncated" if stream.size < size else "holds more than its manifest names"
            raise ModelError(f"The bundle {how}: it has {stream.size} bytes in place of {size}. {REFUSED}")
        starts = tuple(accumulate(member.span for member in members))
        yield Opened(contents, bundle, signer, stream, tuple(members[2:]), starts[1:])


def check(opened: Opened, blobs: Blobs, meter: Meter) -> None:
    """Reads all of it. What it does not carry must be in the store, and whole."""
    contents = opened.contents
    _check_base(contents, blobs)
    meter.begin(opened.stream.size)
    uses = _uses(contents)
    for index, sha256 in enumerate(contents.carried):
        found, head = hashlib.sha256(), bytearray()
        for piece in opened.read(index):
            found.update(piece)
            head += piece[: formats.HEAD - len(head)]
            meter.advance(len(piece))
        if found.hexdigest() != sha256:
            named = ", ".join(path for path, _ in uses[sha256])
            raise ModelError(f"{named} is not what the manifest says: its SHA-256 is {found.hexdigest()}. {REFUSED}")
        for path, is_model in uses[sha256]:
            if is_model:
                formats.check(path, bytes(head), contents.sizes[sha256])
            else:
                formats.check_attached(path, bytes(head))
    opened.stream.seek(opened.stream.size - len(archive.END))
    archive.read_end(opened.stream)


def _check_base(contents: Contents, blobs: Blobs) -> None:
    carried = set(contents.carried)
    for file in contents.all_files:
        if file.sha256 not in carried and not blobs.is_whole(file.sha256):
            raise ModelError(
                f"{contents.name} leaves out {file.path}, which this store does not have, or not whole. "
                f"Import the bundle {contents.base[:16]}… first, on which it builds."
            )


def _uses(contents: Contents) -> dict[str, list[tuple[str, bool]]]:
    uses: dict[str, list[tuple[str, bool]]] = {}
    for model in contents.models:
        for file in model.files:
            uses.setdefault(file.sha256, []).append((file.path, True))
    for file in contents.files:
        uses.setdefault(file.sha256, []).append((file.path, False))
    return uses
