"""Things that are slow to make, kept between runs in the user's cache folder."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

Tell = Callable[[str], None]


def user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ringfence"


def compiled_patterns() -> Path:
    """Where all appliances of the tests share what they compile."""
    return user_cache() / "patterns"


def kept(root: Path, name: str, version: str, build: Callable[[Path], None], tell: Tell) -> Path:
    """The folder `root/name/version`, made by `build` when it is not there.

    It is built under another name and renamed when complete, so what exists is whole; a lock keeps
    two runs from building at once, and is released by the kernel when its holder dies.
    """
    folder = root / name / version
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{version}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"{name}: waiting for another run that is making it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            partial = folder.parent / f"{version}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            build(partial)
            partial.rename(folder)
    return folder
