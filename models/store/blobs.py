"""Files by their content: each is named by its SHA-256, written once and never changed."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from models.store.digest import sha256_of
from models.store.names import DIGEST

READ_ONLY = 0o444


class Blobs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256

    def has(self, sha256: str, size: int) -> bool:
        try:
            return self.path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def is_whole(self, sha256: str) -> bool:
        """Reads it: whether it still is what its name says."""
        return sha256_of(self.path(sha256)) == sha256

    def publish(self, file: Path, sha256: str) -> Path:
        """Moves a file here, of whose content the caller is sure."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
        file.chmod(READ_ONLY)
        file.replace(self.path(sha256))
        # Else a power cut could leave a manifest in front of a file that is not there.
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self.path(sha256)

    def adopt(self, file: Path, sha256: str) -> None:
        """Takes in a file where it stands, without a copy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file.chmod(READ_ONLY)
        _put(file, self.path(sha256), os.link)

    def show(self, sha256: str, target: Path) -> None:
        """Makes the file appear at `target`: the same bytes on disk, or a copy on another file system."""
        blob = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.samefile(blob):
            return
        if target.parent.stat().st_dev == self.folder.stat().st_dev:
            _put(blob, target, os.link)
        else:
            _put(blob, target, shutil.copyfile)

    def remove(self, sha256s: Iterable[str]) -> int:
        """Returns the bytes they took."""
        freed = 0
        for sha256 in sha256s:
            try:
                freed += self.path(sha256).stat().st_size
                self.path(sha256).unlink()
            except FileNotFoundError:
                continue
        return freed

    def __iter__(self) -> Iterator[str]:
        if self.folder.is_dir():
            yield from (each.name for each in self.folder.iterdir() if DIGEST.fullmatch(each.name))


def _put(source: Path, target: Path, how: Callable[[Path, Path], object]) -> None:
    """Under a name of its own first: `target` is the old file or the new one, never half of one."""
    beside = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}")
    try:
        how(source, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
