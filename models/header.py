"""Reads the metadata at the head of a GGUF file; its tensors stay on disk."""

import struct
from pathlib import Path
from typing import BinaryIO

from appliance.errors import ModelError

Scalar = int | float | bool | str

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
LONGEST = 1 << 24


def read_header(file: Path) -> dict[str, Scalar]:
    """Everything but the arrays."""
    try:
        with file.open("rb") as stream:
            return _read(stream)
    except OSError as error:
        raise ModelError(
            f"{file}: {error.strerror}. Name a GGUF file that can be read, or run `ringfence init`."
        ) from error
    except (struct.error, UnicodeDecodeError, ValueError, KeyError) as error:
        raise ModelError(f"{file}: not a whole GGUF file ({error}). Name another, or fetch it again.") from error


def context_length(header: dict[str, Scalar]) -> int:
    """The context that the model was made for; 0 when the file does not say."""
    return int(header.get(f"{header.get('general.architecture')}.context_length", 0))


def _read(stream: BinaryIO) -> dict[str, Scalar]:
    if stream.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    _version, _tensors, pairs = _unpack(stream, "<IQQ")
    header = {}
    for _ in range(pairs):
        key = _string(stream)
        (kind,) = _unpack(stream, "<I")
        value = _value(stream, kind)
        if value is not None:
            header[key] = value
    return header


def _value(stream: BinaryIO, kind: int) -> Scalar | None:
    if kind == STRING:
        return _string(stream)
    if kind == ARRAY:
        _skip_array(stream)
        return None
    value: Scalar = _unpack(stream, f"<{SCALARS[kind]}")[0]
    return value


def _skip_array(stream: BinaryIO) -> None:
    kind, length = _unpack(stream, "<IQ")
    if kind in SCALARS:
        stream.seek(length * struct.calcsize(SCALARS[kind]), 1)
        return
    for _ in range(length):
        _value(stream, kind)


def _string(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "<Q")
    if length > LONGEST:
        raise ValueError("a string in it is too long")
    return stream.read(length).decode()


def _unpack(stream: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, stream.read(struct.calcsize(form)))
