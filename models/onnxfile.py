"""Reads the weights of an ONNX file and writes a graph as one: the few fields that are needed, byte for byte.

The `onnx` package would take 30 MB for this, and what it writes differs from version to version, so that no SHA-256
could be promised for it.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Array = NDArray[Any]

CONTRIB = "com.microsoft"
OPERATORS = {"": 18, CONTRIB: 1}
IR_VERSION = 9
INPUT, OUTPUT = "input_ids", "logits"
FLOAT, UINT8, INT8, INT64, HALF = 1, 2, 3, 7, 10
DTYPES = {FLOAT: "<f4", UINT8: "|u1", INT8: "|i1", INT64: "<i8", HALF: "<f2"}
CODES = {dtype: code for code, dtype in DTYPES.items()}
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Weights(Struct, frozen=True):
    tensors: Mapping[str, Array]
    inputs: Mapping[str, tuple[str, ...]]
    """What each node takes, by the node's name."""


def read(file: Path) -> Weights:
    """Every tensor that is stored in the graph, and who uses it."""
    tensors: dict[str, Array] = {}
    inputs: dict[str, tuple[str, ...]] = {}
    for number, graph in _fields(memoryview(file.read_bytes())):
        if number != 7:
            continue
        for part, value in _fields(graph):
            if part == 5:
                name, tensor = _tensor(value)
                tensors[name] = tensor
            elif part == 1:
                node = list(_fields(value))
                name = next((str(each, "utf-8") for kind, each in node if kind == 3), "")
                inputs[name] = tuple(str(each, "utf-8") for kind, each in node if kind == 1)
    return Weights(tensors, inputs)


def _tensor(data: memoryview) -> tuple[str, Array]:
    name, code, shape, raw, listed = "", 0, list[int](), memoryview(b""), list[float]()
    for number, value in _fields(data):
        if number == 1:
            shape += [value] if isinstance(value, int) else _varints(value)
        elif number == 2:
            code = value
        elif number == 4:
            listed += np.frombuffer(value, "<f4").tolist()
        elif number == 5:
            listed += [value] if isinstance(value, int) else _varints(value)
        elif number == 8:
            name = str(value, "utf-8")
        elif number == 9:
            raw = value
    if code not in DTYPES:
        raise ValueError(f"tensor {name} is of type {code}, which is not read here")
    found = np.array(listed, DTYPES[code]) if listed else np.frombuffer(raw, DTYPES[code])
    return name, found.reshape(shape)


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Each field of a message: an int, or a view of the bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        size = {FIXED64: 8, FIXED32: 4}.get(tag & 7, 0)
        if tag & 7 == BYTES:
            size, at = _varint(data, at)
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:
            return value, at


def _varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


class Graph:
    """Nodes are added in the order they run; each call gives the name of what it makes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[bytes] = []
        self._made = 0

    def constant(self, array: Array) -> str:
        name = self._fresh()
        fields = [_number(1, size) for size in array.shape]
        fields += [
            _number(2, CODES[array.dtype.str]),
            _bytes(8, name),
            _bytes(9, np.ascontiguousarray(array).tobytes()),
        ]
        self._parts.append(_bytes(5, b"".join(fields)))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: int | float) -> str:
        return self.nodes(1, operator, *inputs, domain=domain, **attributes)[0]

    def nodes(
        self, outputs: int, operator: str, *inputs: str, domain: str = "", **attributes: int | float
    ) -> list[str]:
        names = [self._fresh() for _ in range(outputs)]
        fields = [_bytes(1, each) for each in inputs] + [_bytes(2, each) for each in names] + [_bytes(4, operator)]
        fields += [_bytes(5, _attribute(key, value)) for key, value in attributes.items()] + [_bytes(7, domain)]
        self._parts.append(_bytes(1, b"".join(fields)))
        return names

    def write(self, file: Path, result: str, shape: Sequence[str], metadata: Mapping[str, str]) -> None:
        """`result`: the node output that becomes the model's, of this shape; its input is `INPUT`."""
        fields = [_bytes(1, result), _bytes(2, OUTPUT), _bytes(4, "Identity")]
        parts = [*self._parts, _bytes(1, b"".join(fields)), _bytes(2, self._name)]
        parts += [_bytes(11, _value(INPUT, INT64, ("batch", "length")))]
        parts += [_bytes(12, _value(OUTPUT, FLOAT, shape))]
        model = [_number(1, IR_VERSION), _bytes(7, b"".join(parts))]
        model += [_bytes(8, _bytes(1, domain) + _number(2, version)) for domain, version in OPERATORS.items()]
        model += [_bytes(14, _bytes(1, key) + _bytes(2, value)) for key, value in metadata.items()]
        file.write_bytes(b"".join(model))

    def _fresh(self) -> str:
        self._made += 1
        return f"v{self._made}"


def _attribute(name: str, value: int | float) -> bytes:
    if isinstance(value, float):
        return _bytes(1, name) + bytes([2 << 3 | FIXED32]) + struct.pack("<f", value) + _number(20, 1)
    return _bytes(1, name) + _number(3, value) + _number(20, 2)


def _value(name: str, code: int, shape: Sequence[str]) -> bytes:
    sizes = b"".join(_bytes(1, _bytes(2, size)) for size in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, code) + _bytes(2, sizes)))


def _number(field: int, value: int) -> bytes:
    return _encoded(field << 3 | VARINT) + _encoded(value & (1 << 64) - 1)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _encoded(field << 3 | BYTES) + _encoded(len(data)) + data


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
