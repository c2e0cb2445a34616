"""What the commands share: the settings, opened when a command first asks for them."""

from functools import cached_property
from pathlib import Path

import click

from appliance import config, log
from appliance.settings import Log, Settings


class Session:
    def __init__(self, file: Path | None) -> None:
        self.file = file

    @cached_property
    def settings(self) -> Settings:
        # A command says what it has to say itself; what else happens matters only when it is trouble.
        log.start(Log(level="warning", format="console"), "ringfence")
        return config.load(self.file)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Lead another process to the same settings."""
        return ("--config", str(self.file)) if self.file else ()


pass_session = click.make_pass_decorator(Session)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
