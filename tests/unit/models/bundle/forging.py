"""Bundles, right ones and forged ones."""

import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from models import bundle
from models.bundle import archive, signature
from models.bundle.contents import Contents, encode
from models.store import Manifest, Store, StoredFile
from models.store.digest import sha256_of


class SilentMeter:
    def say(self, text: str) -> None:
        return

    def begin(self, total: int) -> None:
        return

    def advance(self, done: int) -> None:
        return


METER = SilentMeter()
CONFIG = b'{"architectures": ["LlamaForCausalLM"]}'


def safetensors(size: int, fill: int = 0) -> bytes:
    table = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    content = bytes((fill + index) % 251 for index in range(size))
    return len(table).to_bytes(8, "little") + table + content


def sha256(content: bytes) -> str:
    return bundle.identify(content)


def file(path: str, content: bytes) -> StoredFile:
    return StoredFile(path, len(content), sha256(content))


def filled(root: Path, name: str = "tiny", fill: int = 0) -> Store:
    """A store with one model."""
    store = Store(root)
    contents = {"model.safetensors": safetensors(200_000, fill), "config.json": CONFIG}
    for path, content in contents.items():
        (store.folder(name) / path).parent.mkdir(parents=True, exist_ok=True)
        (store.folder(name) / path).write_bytes(content)
    files = tuple(file(path, content) for path, content in contents.items())
    store.adopt(Manifest(name=name, source="acme/tiny", revision="1", licence="MIT", files=files))
    return store


@dataclass
class Forge:
    """Writes the tar archive of a bundle member by member, so that each can be another than it should."""

    key: Path
    files: dict[str, bytes]
    """Contents of the model, by path."""
    attached: dict[str, bytes] = field(default_factory=dict)
    change: Callable[[Contents], Contents] = lambda contents: contents
    alter: Callable[[bytes], bytes] = lambda data: data
    """The same for the bytes of the manifest."""

    def contents(self) -> Contents:
        found = Contents(
            name="forged",
            models=(Manifest(name="tiny", source="", files=tuple(file(*pair) for pair in self.files.items())),),
            files=tuple(file(*pair) for pair in self.attached.items()),
            carried=tuple(dict.fromkeys(map(sha256, [*self.files.values(), *self.attached.values()]))),
        )
        return self.change(found)

    def manifest(self) -> bytes:
        return self.alter(encode(self.contents()))

    def members(self) -> list[tuple[tarfile.TarInfo, bytes]]:
        data = self.manifest()
        blobs = {sha256(each): each for each in [*self.files.values(), *self.attached.values()]}
        pairs = [(archive.MANIFEST, data), (archive.SIGNATURE, signature.sign(data, self.key))]
        return [plain(name, content) for name, content in pairs] + [
            plain(f"blobs/{name}", content) for name, content in blobs.items()
        ]


def plain(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.mode, info.size = 0o444, len(content)
    return info, content


def tar(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    packed = b"".join(
        info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % archive.BLOCK) for info, content in members
    )
    return packed + archive.END


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder, with its digest."""
    return {str(each.relative_to(folder)): sha256_of(each) if each.is_file() else "" for each in folder.rglob("*")}
