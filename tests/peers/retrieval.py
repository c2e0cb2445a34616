"""sentence-transformers and two chunkers, in an environment of their own."""

import hashlib
import sys
from pathlib import Path

import uv

from tests.peers.cache import Tell, kept
from tests.peers.missing import PeerMissing
from tests.peers.process import ProcessFailed, run

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "retrieval.txt"


def install(root: Path, tell: Tell) -> Path:
    """Its Python, from the cache or made now (a minute and 6 GB)."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    version = f"{digest}-py{sys.version_info.major}{sys.version_info.minor}"
    try:
        environment = kept(root, "retrieval", version, lambda folder: _make(folder, tell), tell)
    except ProcessFailed as failure:
        raise PeerMissing(str(failure)) from failure
    return environment / "bin" / "python"


def _make(folder: Path, tell: Tell) -> None:
    log, python = folder / "install.log", folder / "bin" / "python"
    venv = [uv.find_uv_bin(), "venv", "--allow-existing", "--relocatable", "--python", sys.executable, folder]
    run(venv, "sentence-transformers: making its environment", log, tell)
    sync = [uv.find_uv_bin(), "pip", "sync", "--require-hashes", "--python", python, REQUIREMENTS]
    run(sync, "sentence-transformers: installing (6 GB, once)", log, tell)
