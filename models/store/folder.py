"""Files of a folder, such as one on a USB stick, as a source."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import ModelError
from models.store.digest import Digest
from models.store.source import Listing, Offer, Stream

MOST_FILES = 10_000


class Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> Listing:
        if not self._folder.is_dir():
            raise ModelError(f"{self._folder} is no folder. Name the one that holds the model's files.")
        paths: list[str] = []
        for file in sorted(self._folder.rglob("*")):
            # Links too: hubs keep the files of a snapshot as links into a cache beside it.
            if file.is_file():
                paths.append(file.relative_to(self._folder).as_posix())
            if len(paths) > MOST_FILES:
                raise ModelError(f"{self._folder} holds over {MOST_FILES} files. Name the folder of one model.")
        return Listing(source=self._folder.resolve().name, paths=tuple(paths))

    def offer(self, path: str) -> Offer:
        file = self._folder / path
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ModelError(f"{file} is no plain file. Leave it out.")
        seen = f"{file.resolve()}\0{found.st_size}\0{found.st_mtime_ns}"
        key = f"folder-{hashlib.sha256(os.fsencode(seen)).hexdigest()}"
        return Offer(path, found.st_size, Digest(), key)

    @contextmanager
    def read(self, path: str, begin: int, end: int) -> Iterator[Stream]:
        with (self._folder / path).open("rb") as stream:
            stream.seek(begin)
            yield stream
