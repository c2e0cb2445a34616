"""ZIP files and what is made of them, also as nobody should make them."""

import stat
import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO


def packed(files: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def changed(package: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """The same document with some parts replaced; None: it is missing."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    return packed({name: data for name, data in (files | parts).items() if data is not None})


def nested(depth: int, inner: bytes, *, copies: int = 1) -> bytes:
    for _ in range(depth):
        inner = packed({f"{number}.zip": inner for number in range(copies)}, stored=copies > 1)
    return inner


def linked(target: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        member = zipfile.ZipInfo("price list.txt")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, target)
        archive.writestr("real.txt", "The router has four ports.")
    return stream.getvalue()


def with_password() -> bytes:
    """The flag that says so in both headers; what is packed need not be."""
    data = bytearray(packed({"secret.txt": b"The router has four ports."}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + offset
        data[place : place + 2] = struct.pack("<H", struct.unpack("<H", data[place : place + 2])[0] | 1)
    return bytes(data)


def lying() -> bytes:
    """Says that its file has 10 bytes, where it has a million."""
    data = bytearray(packed({"big.txt": b"ring " * 200_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + offset
        data[place : place + 4] = struct.pack("<I", 10)
    return bytes(data)
