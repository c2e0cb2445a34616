"""Files that somebody names, and those below folders that somebody names."""

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from appliance.errors import InvalidRequest, NotFound

SOURCE = "folder"
OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class Found(Struct, frozen=True):
    file: Path
    name: str
    """In the catalogue: its whole path, in letters that every database takes."""


class Walk:
    """What lies at the given paths. Hidden files and links below a folder are left out: they are for programs, or lead
    out of it."""

    def __init__(self, paths: Iterable[Path]) -> None:
        # A link that somebody names keeps its name, wherever it leads tomorrow.
        self._roots = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        self.unseen: list[str] = []
        """What could not be looked into."""

    def files(self) -> Iterator[Found]:
        seen = set[Path]()
        for root in self._roots:
            for file in self._below(root):
                if file not in seen:
                    seen.add(file)
                    yield Found(file, shown(file))

    def below(self, names: Iterable[str]) -> list[str]:
        """Those at or below the given paths."""
        return [name for name in names if any(_is_below(name, shown(root)) for root in self._roots)]

    def gone(self, held: Collection[str], seen: Collection[str]) -> list[str]:
        """Of what is held, what should have been seen when `files` was over and was not."""
        for root in map(shown, self._roots):
            held_here = any(_is_below(name, root) for name in held)
            if held_here and not any(_is_below(name, root) for name in (*seen, *self.unseen)):
                raise InvalidRequest(
                    f"{root} is empty, but files from there are held. See that it is mounted; "
                    "`ringfence ingest remove` takes them out."
                )
        hidden = self.unseen
        return [
            name
            for name in self.below(held)
            if name not in seen and not any(_is_below(name, place) for place in hidden)
        ]

    def _below(self, root: Path) -> Iterator[Path]:
        if not root.exists():
            raise NotFound(
                f"There is no {root}. Correct its name; `ringfence ingest remove` takes out what came from it."
            )
        if not root.is_dir():
            if not root.is_file():
                raise InvalidRequest(f"{root} is no file. Name files and folders.")
            yield root
            return
        for folder, folders, files in os.walk(root, onerror=self._note):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not name.startswith(".") and self._is_plain(Path(folder, name)):
                    yield Path(folder, name)

    def _is_plain(self, file: Path) -> bool:
        try:
            return stat.S_ISREG(file.lstat().st_mode)
        except FileNotFoundError:  # gone since the folder was listed
            return False
        except OSError:
            self.unseen.append(shown(file))
            return False

    def _note(self, error: OSError) -> None:
        self.unseen.append(shown(Path(error.filename)))


def load(file: Path, limit: int) -> tuple[bytes, datetime]:
    """At most one byte more than the limit, and when it was changed."""
    with os.fdopen(os.open(file, OPEN), "rb") as stream:
        moment = os.fstat(stream.fileno()).st_mtime
        return stream.read(limit + 1), datetime.fromtimestamp(moment, UTC)


def shown(file: Path) -> str:
    return os.fsencode(file).decode(errors="backslashreplace")


def _is_below(name: str, root: str) -> bool:
    return name == root or name.startswith(root.rstrip("/") + "/")
