"""Pictures: scans and screenshots. Their size is looked at before anything is unpacked."""

import re
import struct
from collections.abc import Iterator

from appliance.errors import Unreadable
from ingest.content import Content
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.ocr import recognised

JPEG_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
JPEG_END = b"\xff\xd9"
TIFF_WIDTH, TIFF_HEIGHT = 256, 257


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    try:
        width, height = size(file.data)
    except (struct.error, IndexError) as error:
        raise Unreadable("damaged", "The picture is cut off. Upload it again.") from error
    if not width or not height:
        raise Unreadable("damaged", "The picture does not say how large it is. Save it again.")
    if width * height > bounds.pixels:
        raise Unreadable("too_large", f"The picture has {width} x {height} pixels. Save it smaller.")
    notes = []
    if file.data.startswith(b"\xff\xd8") and JPEG_END not in file.data[-64:]:
        notes.append("the picture is cut off")
    blocks, note = recognised(file.data, 1, bounds)
    if note:
        notes.append(f"the picture has no text that could be read: {note}")
    yield Content(path=file.path, blocks=blocks, notes=tuple(notes))


def size(data: bytes) -> tuple[int, int]:
    """In pixels, as its header says; 0: it does not."""
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24])
    if data.startswith(b"GIF"):
        return struct.unpack("<HH", data[6:10])
    if data.startswith(b"BM"):
        width, height = struct.unpack("<ii", data[18:26])
        return abs(width), abs(height)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith((b"II", b"MM")):
        return _tiff(data)
    return _webp(data)


def _jpeg(data: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:
            place += 1
        elif data[place + 1] in JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        elif data[place + 1] in (0xFF, 0x01) or 0xD0 <= data[place + 1] <= 0xD9:
            place += 1 if data[place + 1] == 0xFF else 2
        else:
            place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return 0, 0


def _tiff(data: bytes) -> tuple[int, int]:
    order = "<" if data.startswith(b"II") else ">"
    start = struct.unpack(f"{order}I", data[4:8])[0]
    count = struct.unpack(f"{order}H", data[start : start + 2])[0]
    found = {}
    for number in range(count):
        entry = data[start + 2 + number * 12 : start + 14 + number * 12]
        tag, kind = struct.unpack(f"{order}HH", entry[:4])
        found[tag] = struct.unpack(
            f"{order}H" if kind == 3 else f"{order}I", entry[8:10] if kind == 3 else entry[8:12]
        )[0]
    return found.get(TIFF_WIDTH, 0), found.get(TIFF_HEIGHT, 0)


def _webp(data: bytes) -> tuple[int, int]:
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if re.match(rb".{3}\x9d\x01\x2a", data[20:26], re.DOTALL):
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
