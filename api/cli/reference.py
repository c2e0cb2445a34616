"""The reference page of every command.

`python -m api.cli.reference > docs/reference/cli.md` writes it.
"""

import inspect
import sys
from collections.abc import Iterator

import click

from api.cli.root import main

INTRODUCTION = """\
# Commands

Made from the commands in `api/cli` by `python -m api.cli.reference`; change them there.

Every command explains itself with `--help`, and every listing prints JSON with `--json`. A command exits with 0 when it
is done, with 1 when it was refused or found something wrong, and with 2 when the settings or its own arguments are
wrong. What goes wrong is said on standard error, with what to do. Before the command may stand, as in
`ringfence --config FILE serve`:
"""


def page() -> str:
    """In Markdown."""
    root = click.Context(main, info_name="ringfence")
    sections = [section for command in _below(root) for section in _section(command)]
    return "\n".join([INTRODUCTION, *_options(root), "", *sections]).rstrip() + "\n"


def _below(context: click.Context) -> Iterator[click.Context]:
    """The commands of a group, in its order."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            yield click.Context(command, parent=context, info_name=name)


def _section(context: click.Context) -> Iterator[str]:
    command = context.command
    words = context.command_path.split()
    below = list(_below(context))
    takes = () if below else (each.make_metavar(context) for each in command.params if isinstance(each, click.Argument))
    yield f"{'#' * len(words)} `{' '.join([*words, *takes])}`\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    if options := _options(context):
        yield from [*options, ""]
    for inner in below:
        yield from _section(inner)


def _options(context: click.Context) -> list[str]:
    records = (each.get_help_record(context) for each in context.command.params if isinstance(each, click.Option))
    return [f"- `{names}`: {text}" for names, text in filter(None, records)]


if __name__ == "__main__":
    sys.stdout.write(page())
