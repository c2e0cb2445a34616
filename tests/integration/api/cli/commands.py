"""`ringfence` as tests call it."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from api.cli import main
from tests.peers.cache import compiled_patterns

ONE_ENGINE = """\
[[engines]]
name = "elsewhere"
kind = "vllm"
models = ["m"]
urls = ["http://127.0.0.1:9"]
"""

NO_MODEL = {"RINGFENCE_PRIVACY_NAMES": "off"}


class Ringfence:
    """`ringfence`, on a folder of its own and with no model to fetch."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.var = folder / "var"
        self.file = folder / "ringfence.toml"
        self.file.write_text(
            f"[paths]\nvar = {json.dumps(str(self.var))}\ncache = {json.dumps(str(compiled_patterns()))}\n\n"
            f"{ONE_ENGINE}\n{settings}"
        )

    def try_(self, *arguments: str) -> Result:
        return CliRunner(env=NO_MODEL).invoke(main, ["--config", str(self.file), *arguments])

    def __call__(self, *arguments: str) -> str:
        done = self.try_(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def rows(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))
