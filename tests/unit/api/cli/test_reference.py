import click

from api.cli.reference import page
from api.cli.root import COMMANDS, main


def test_the_page_names_every_command_with_its_options() -> None:
    text = page()
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        inner = command.commands if isinstance(command, click.Group) else {}
        for each, path in [(command, name), *((inner[word], f"{name} {word}") for word in inner)]:
            _, _, section = text.partition(f"# `ringfence {path}")
            section = section.partition("\n#")[0]
            assert (each.help or "").split("\n")[0] in section
            assert [option for option in options(each) if f"- `{option}" not in section] == []


def options(command: click.Command) -> list[str]:
    return [parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)]


def test_the_page_says_what_a_command_takes() -> None:
    assert "### `ringfence keys rotate KEY`\n" in page()
    assert "- `--overlap DURATION`: How long the old one goes on.  [default: 24h]\n" in page()
    assert "\n    " not in page()
