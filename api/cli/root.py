"""`ringfence`: every command, imported only when it is asked for, so that `--help` is quick."""

import importlib
from collections.abc import Mapping
from pathlib import Path

import click

from api.cli.session import Session
from appliance.errors import ConfigError, RingfenceError

# Where each command lives, and its line in the overview.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("api.cli.init:init", "Make secrets, database, first key; fetch the starter models."),
    "serve": ("api.cli.serve:serve", "Start the appliance."),
    "doctor": ("api.cli.doctor:doctor", "Check everything the appliance needs, with remedies."),
    "config": ("api.cli.config:config", "Show or check the settings."),
    "db": ("api.cli.db:db", "Move the database between versions."),
    "tenants": ("api.cli.tenants:tenants", "List, create, disable and enable tenants."),
    "users": ("api.cli.users:users", "List, create, disable and enable users."),
    "keys": ("api.cli.keys:keys", "List, create, rotate and revoke API keys."),
    "limits": ("api.cli.limits:limits", "List, set and remove limits of tenants, users and keys."),
    "models": ("api.cli.models:models", "List models, say which fit on your GPUs, fetch and verify them."),
    "engines": ("api.cli.engines:engines", "List engines; start, stop and swap those that run here; adapters."),
    "bundle": ("api.cli.bundle:bundle", "Carry models and packages to where there is no internet."),
    "ingest": ("api.cli.ingest:ingest", "Take in documents, say what became of them."),
    "collections": ("api.cli.collections:collections", "List, create and remove collections of documents."),
    "search": ("api.cli.search:search", "Find passages of documents."),
    "audit": ("api.cli.audit:audit", "Verify and export the audit ledger."),
    "privacy": ("api.cli.privacy:privacy", "Show what is found in texts, and what engines see."),
    "evaluate": ("api.cli.evaluate:evaluate", "Measure privacy on texts of your own."),
    "weaviate": ("api.cli.weaviate:weaviate", "Build, start and stop a Weaviate of this machine."),
    "completion": ("api.cli.completion:completion", "Print the shell's completion script."),
}


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RingfenceError as error:
            click.secho("error: ", fg="red", err=True, nl=False)
            click.echo(error.message, err=True)
            ctx.exit(2 if isinstance(error, ConfigError) else 1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ringfence")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Settings file; default: RINGFENCE_CONFIG, then ./ringfence.toml where there is one.",
)
@click.pass_context
def main(ctx: click.Context, file: Path | None) -> None:
    """A self-hosted LLM appliance: one OpenAI-compatible API on your own engines."""
    ctx.obj = Session(file)
