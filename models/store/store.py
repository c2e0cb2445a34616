"""The store: pulls models, verifies, removes and cleans up.

NAME/...                        what engines open: the same bytes on disk as the blobs
.store/blobs/SHA-256            every file once, however many models have it
.store/manifests/NAME.json
.store/parts/                   what interrupted pulls go on with
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from appliance.errors import ModelError, NotFound
from models.store import formats, manifest
from models.store.blobs import Blobs
from models.store.bringing import Bringing
from models.store.digest import sha256_of
from models.store.disk import FULL
from models.store.fetch import Fetching, patiently
from models.store.lock import held, held_now
from models.store.manifest import Manifest
from models.store.names import NAME, check_name, check_paths
from models.store.source import Meter, Source

CONNECTIONS = 4
BLOCK = 512


class Finding(Struct, frozen=True):
    model: str
    file: str
    state: str
    """`ok`, `damaged` or `missing`."""
    text: str = ""


class Freed(Struct, frozen=True):
    files: int
    bytes: int


class Store:
    def __init__(self, root: Path, connections: int = CONNECTIONS) -> None:
        self.root = root
        self._own = root / ".store"
        self._connections = connections
        self.blobs = Blobs(self._own / "blobs")

    def folder(self, name: str) -> Path:
        """Where engines find the files of a model."""
        return self.root / check_name(name)

    def find(self, name: str) -> Manifest | None:
        return manifest.read(self._manifest(name))

    def require(self, name: str) -> Manifest:
        if found := self.find(name):
            return found
        raise NotFound(f"No model {name!r} is in the store. `ringfence models list` shows what is; pull it first.")

    def weights(self, name: str) -> Path | None:
        """The GGUF file of a model; of one in pieces, the first."""
        found = self.find(name) if NAME.fullmatch(name) else None
        files = sorted(file.path for file in found.files if file.path.endswith(".gguf")) if found else []
        return self.folder(name) / files[0] if files else None

    def list(self) -> list[Manifest]:
        files = sorted((self._own / "manifests").glob("[!.]*.json"))
        return [found for found in map(manifest.read, files) if found is not None]

    def pull(self, name: str, source: Source, meter: Meter, only: str = "") -> Manifest:
        """Makes the model be here and whole; what is here already is read, not fetched."""
        check_name(name)
        listing = patiently(source.list, meter, name)
        chosen = formats.choose(listing.paths, only)
        check_paths(chosen, listing.source)
        with self.writing(meter) as fresh, held(self._own / f"{name}.lock", waiting=_waiting(meter, name)):
            offers = [patiently(partial(source.offer, path), meter, path) for path in chosen]
            before = self.find(name)
            known = {file.path: file.sha256 for file in before.files} if before else {}
            fetching = Fetching(source, meter, self._connections)
            files = Bringing(fetching, self.blobs, self._parts, known, fresh).bring(offers)
            found = Manifest(
                name=name, source=listing.source, revision=listing.revision, licence=listing.licence, files=files
            )
            self.install(found)
        return found

    def adopt(self, found: Manifest) -> None:
        """Takes in a model whose files stand in its folder already."""
        for file in found.files:
            here = self.folder(found.name) / file.path
            if not self.blobs.is_whole(file.sha256) and sha256_of(here) == file.sha256:
                self.blobs.adopt(here, file.sha256)
        manifest.write(self._manifest(found.name), found)

    def install(self, found: Manifest) -> None:
        """Shows blobs that are here as a model."""
        self._show(found, self.folder(found.name), self._manifest(found.name))

    def attached(self, name: str) -> Path:
        """Where the files that came along in a bundle are."""
        return self.root.parent / "bundles" / check_name(name)

    def attach(self, found: Manifest) -> None:
        """Shows blobs that are here as what came along in a bundle."""
        self._show(found, self.attached(found.name), self._own / "bundles" / f"{found.name}.json")

    def verify(self, found: Manifest) -> Iterator[Finding]:
        """Reads every byte."""
        for file in found.files:
            shown, blob = self.folder(found.name) / file.path, self.blobs.path(file.sha256)
            for each in (shown,) if _is_same(shown, blob) else (shown, blob):
                digest = sha256_of(each)
                if digest != file.sha256:
                    text = f"the SHA-256 of {each} is {digest}, not {file.sha256}" if digest else f"{each} is not there"
                    yield Finding(found.name, file.path, "damaged" if digest else "missing", text)
                    break
            else:
                yield Finding(found.name, file.path, "ok")

    def remove(self, name: str, meter: Meter) -> Freed:
        with held(self._lock, waiting=_waiting(meter, "the store")):
            found = self.require(name)
            self._manifest(name).unlink()
            _hide(self.folder(name), [file.path for file in found.files])
            return self._sweep(file.sha256 for file in found.files)

    def clean(self, meter: Meter) -> Freed:
        """Removes what no model needs: blobs, and what interrupted pulls left."""
        with held(self._lock, waiting=_waiting(meter, "the store")):
            swept = self._sweep(self.blobs)
            left = [*self._parts.glob("*"), *self._own.glob("*.lock"), *self.blobs.folder.glob(".*")]
            size = sum(each.stat().st_blocks * BLOCK for each in left)
            for each in left:
                each.unlink()
        return Freed(swept.files + len(left), swept.bytes + size)

    @contextmanager
    def writing(self, meter: Meter) -> Iterator[set[str]]:
        """Nothing is swept away meanwhile, though others may write too. On a full disk, the blobs that the caller puts
        into the set are removed again."""
        fresh: set[str] = set()
        try:
            with held(self._lock, shared=True, waiting=_waiting(meter, "the store")):
                yield fresh
        except OSError as error:
            if error.errno in FULL:
                self._take_back(fresh)
            place = error.filename or self.root
            raise ModelError(f"{place}: {error.strerror}. Free space or mend the folder, then try again.") from error

    @property
    def _lock(self) -> Path:
        return self._own / "lock"

    @property
    def _parts(self) -> Path:
        return self._own / "parts"

    def _manifest(self, name: str) -> Path:
        return self._own / "manifests" / f"{check_name(name)}.json"

    def _show(self, found: Manifest, folder: Path, file: Path) -> None:
        before = manifest.read(file)
        for each in found.files:
            self.blobs.show(each.sha256, folder / each.path)
        manifest.write(file, found)
        if before is not None:
            kept = {each.path for each in found.files}
            _hide(folder, [each.path for each in before.files if each.path not in kept])

    def _take_back(self, fresh: set[str]) -> None:
        # Others at work may count on a blob already; then it stays until `clean`.
        with held_now(self._lock) as alone:
            if alone:
                self._sweep(fresh)

    def _attachments(self) -> Iterator[Manifest]:
        """What came along in bundles, until its folder is deleted."""
        for file in sorted((self._own / "bundles").glob("[!.]*.json")):
            found = manifest.read(file)
            if found is not None and self.attached(found.name).exists():
                yield found

    def _sweep(self, sha256s: Iterable[str]) -> Freed:
        used = {file.sha256 for found in [*self.list(), *self._attachments()] for file in found.files}
        loose = set(sha256s) - used
        return Freed(len(loose), self.blobs.remove(loose))


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _hide(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        (folder / path).unlink(missing_ok=True)
    for each in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        _remove_empty(each)
    _remove_empty(folder)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _waiting(meter: Meter, what: str) -> Callable[[], None]:
    return lambda: meter.say(f"{what}: waiting for another process that uses it")
