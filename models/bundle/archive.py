"""The form of a bundle: a tar archive, of which every byte that is not content follows from the signed manifest.

    manifest.json
    manifest.sig
    blobs/SHA-256 …       as the manifest orders them

So a header is right when it is the one that we would have written, and all that tar can do besides (links, devices,
paths, names twice, compression) has no place to stand.
"""

import tarfile
from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec import Struct

from appliance.errors import ModelError
from models.bundle import signature
from models.bundle.contents import LARGEST, Contents

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
BLOCK = 512
END = bytes(2 * BLOCK)
PIECE = 1 << 20
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\x04\x22\x4d\x18")
REFUSED = "It was refused, and nothing was written; get the bundle again from its maker."
TYPES = {
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.DIRTYPE: "a folder",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Member(Struct, frozen=True):
    name: str
    size: int

    @property
    def header(self) -> bytes:
        info = tarfile.TarInfo(self.name)
        info.size, info.mode = self.size, 0o444
        return info.tobuf(tarfile.GNU_FORMAT)

    @property
    def padding(self) -> int:
        return -self.size % BLOCK

    @property
    def span(self) -> int:
        return BLOCK + self.size + self.padding


def members(manifest_size: int, contents: Contents) -> list[Member]:
    sizes = contents.sizes
    head = [Member(MANIFEST, manifest_size), Member(SIGNATURE, signature.SIZE)]
    return head + [Member(f"blobs/{sha256}", sizes[sha256]) for sha256 in contents.carried]


def total(of: Iterable[Member]) -> int:
    return sum(member.span for member in of) + len(END)


def read_manifest(stream: Readable) -> tuple[bytes, bytes]:
    """The bytes of the manifest and of its signature, from the beginning of the archive; neither is believed yet."""
    start = stream.read(BLOCK)
    if start.startswith(COMPRESSED):
        raise ModelError(f"The bundle is compressed, which no bundle is, and could unpack to anything. {REFUSED}")
    found = _parsed(start)
    if found is None or found.name != MANIFEST:
        raise ModelError(f"This is no bundle: it does not begin with a manifest. {REFUSED}")
    if found.size > LARGEST:
        raise ModelError(f"The manifest is over {LARGEST >> 20} MiB. {REFUSED}")
    member = Member(MANIFEST, found.size)
    if start != member.header:
        raise ModelError(f"{_difference(start, member)}. {REFUSED}")
    data = b"".join(_content(stream, member))
    signed = b"".join(read_member(stream, Member(SIGNATURE, signature.SIZE)))
    return data, signed


def read_member(stream: Readable, member: Member) -> Iterator[bytes]:
    """The content of the next member, which must be this one."""
    start = stream.read(BLOCK)
    if start != member.header:
        raise ModelError(f"{_difference(start, member)}. {REFUSED}")
    yield from _content(stream, member)


def read_end(stream: Readable) -> None:
    if stream.read(len(END)) != END:
        raise ModelError(f"The bundle holds more than its manifest names. {REFUSED}")


def _content(stream: Readable, member: Member) -> Iterator[bytes]:
    left = member.size
    while left:
        piece = stream.read(min(left, PIECE))
        if not piece:
            raise ModelError(f"The bundle ends within {member.name}. {REFUSED}")
        left -= len(piece)
        yield piece
    padding = stream.read(member.padding)
    if len(padding) < member.padding:
        raise ModelError(f"The bundle ends within {member.name}. {REFUSED}")
    if any(padding):
        raise ModelError(f"The bundle is not well-formed after {member.name}. {REFUSED}")


def _difference(start: bytes, member: Member) -> str:
    """In what another header than was expected is another."""
    if len(start) < BLOCK:
        return f"The bundle ends before {member.name}"
    found = _parsed(start)
    if found is None:
        return f"There is no {member.name} where it should be: parts or bytes were exchanged"
    name = found.name[:80]
    if found.type != tarfile.REGTYPE:
        return f"{name!r} is {TYPES.get(found.type, 'no plain file')}, where {member.name} should be"
    if name.startswith("/"):
        return f"{name!r} is an absolute path, where {member.name} should be"
    if ".." in name.split("/"):
        return f"{name!r} leads out of its folder, where {member.name} should be"
    if name != member.name:
        return f"{name!r} is there, where {member.name} should be: too much, twice, or in another order"
    return f"The header of {name} is not the one that belongs to it (its size, mode or owner was changed)"


def _parsed(start: bytes) -> tarfile.TarInfo | None:
    try:
        return tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return None
