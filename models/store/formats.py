"""Which files may be stored: weights that are only data, and what tokenizers and engines read. Pure.

Pickle can run code of its maker's when it is loaded; it is refused by name and by content.
"""

import pickletools
import re
import struct
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import msgspec

from appliance.errors import ModelError

WEIGHTS = (".safetensors", ".gguf", ".onnx")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz", ".dill", ".marshal")
TEXTS = (".json", ".txt", ".jinja", ".md", ".tiktoken")
BARE = ("licence", "license", "notice", "use_policy")
ASIDE = (".", "original/", "onnx/", "openvino/")
"""Where repositories keep the same model once more, for others."""
TOKENIZER = re.compile(r".*\.model(\.v\d+\w*)?")

HEAD = 16 << 20
"""The first bytes of a file, by which it is judged; the tables of the largest models take some 4 MB of it."""
SAMPLE = 64 << 10
MOST_DIMENSIONS = 16
ZIP, TAR, TAR_AT = b"PK\x03\x04", b"ustar", 257
RUNS = {"GLOBAL", "STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "REDUCE", "BUILD"}


def choose(paths: Iterable[str], only: str = "") -> list[str]:
    """The files of a model that are taken: weights of one format and what goes with them."""
    given = sorted(paths)
    matching = [path for path in given if fnmatchcase(path, only)] if only else given
    if only and not matching:
        raise ModelError(f"No file matches {only!r}. There are: {', '.join(given[:40])}.")
    if only and (bad := next(filter(is_pickle_name, matching), None)):
        raise ModelError(f"{bad}: {PICKLE_REASON}")
    weights = _weights(matching if only else [path for path in given if not path.startswith(ASIDE)])
    if not weights:
        raise ModelError(_without_weights(given))
    return sorted({*weights, *filter(_goes_along, given)})


PICKLE_REASON = (
    "it is in Python's pickle format, which can run any code when it is loaded. "
    "Take a build of the model in safetensors or GGUF."
)


def is_pickle_name(path: str) -> bool:
    return path.lower().endswith(PICKLES)


def check(path: str, head: bytes, size: int) -> None:
    """Refuses a file whose content (its first HEAD bytes) is not what its name says."""
    if fault := _fault(path.lower(), head, size):
        raise ModelError(f"{path} was refused: {fault}")


def check_attached(path: str, head: bytes) -> None:
    """The same for a file that goes along in a bundle: of any kind but pickle."""
    if is_pickle_name(path) or is_pickle(head):
        raise ModelError(f"{path} was refused: {PICKLE_REASON}")


def is_pickle(head: bytes) -> bool:
    """Whether Python would load it by running what it says; also of the old protocols, which are text."""
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        return True
    runs = False
    try:
        for operation, _, _ in pickletools.genops(head[:SAMPLE]):
            runs = runs or operation.name in RUNS
    except (ValueError, UnicodeDecodeError):
        return False
    return runs


def _weights(paths: list[str]) -> list[str]:
    """Of the first format that is there; a second copy of the same weights is left out."""
    for suffix in WEIGHTS:
        if found := [path for path in paths if path.lower().endswith(suffix)]:
            return [path for path in found if not path.startswith("consolidated")] or found
    return []


def _goes_along(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    known = name.endswith(TEXTS) or name in BARE or TOKENIZER.fullmatch(name) is not None
    return known and not path.startswith(ASIDE)


def _without_weights(given: list[str]) -> str:
    if bad := next(filter(is_pickle_name, given), None):
        return f"There are no weights but {bad}: {PICKLE_REASON}"
    return "There are no weights in safetensors, GGUF or ONNX. Choose another repository or folder."


def _fault(path: str, head: bytes, size: int) -> str:
    if is_pickle_name(path) or is_pickle(head):
        return PICKLE_REASON
    if path.endswith(".safetensors"):
        return _safetensors_fault(head, size)
    if path.endswith(".gguf"):
        return "" if head[:4] == b"GGUF" else "it does not begin as GGUF does. Get it from its maker again."
    if path.endswith(".onnx"):
        return "" if head[:1] == b"\x08" else "it does not begin as ONNX does. Get it from its maker again."
    if head[:4] == ZIP or head[TAR_AT : TAR_AT + 5] == TAR:
        return "it is an archive, which may hold pickle. Take a build of the model in safetensors or GGUF."
    name = PurePosixPath(path).name
    if TOKENIZER.fullmatch(name):
        return ""
    if not (name.endswith(TEXTS) or name in BARE):
        return "no engine needs a file of this kind. Leave it out."
    return "" if _is_text(head) else "it is no text. Get it from its maker again."


def _is_text(head: bytes) -> bool:
    # The sample may end within a letter.
    text = head[:SAMPLE].decode("utf-8", errors="ignore")
    return len(text.encode()) >= len(head[:SAMPLE]) - 3 and "\0" not in text


def _safetensors_fault(head: bytes, size: int) -> str:
    again = "Get it from its maker again."
    if len(head) < 8:
        return f"it is shorter than any safetensors file. {again}"
    (length,) = struct.unpack("<Q", head[:8])
    if length > min(HEAD, size) - 8:
        return f"its table of tensors would take {length} bytes, which it does not have. {again}"
    try:
        table = msgspec.json.decode(head[8 : 8 + length], type=dict[str, dict[str, object]])
        ends = [_end(entry) for name, entry in table.items() if name != "__metadata__"]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return f"its table of tensors cannot be read. {again}"
    if max(ends, default=0) != size - 8 - length:
        return f"its tensors do not end where the file does. {again}"
    return ""


def _end(entry: dict[str, object]) -> int:
    offsets = msgspec.convert(entry["data_offsets"], tuple[int, int])
    shape = msgspec.convert(entry["shape"], tuple[int, ...])
    if not 0 <= offsets[0] <= offsets[1] or len(shape) > MOST_DIMENSIONS:
        raise ValueError
    return offsets[1]
