"""`ringfence config`"""

import click

from api.cli.listing import show_json
from api.cli.session import Session, json_option, pass_session
from appliance.settings.text import shown, to_toml


@click.group()
def config() -> None:
    """Show or check the settings."""


@config.command("show")
@json_option
@pass_session
def show(session: Session, as_json: bool) -> None:
    """Print the settings in force, with secrets hidden."""
    tree = shown(session.settings)
    if as_json:
        show_json(tree)
    else:
        click.echo(to_toml(tree), nl=False)


@config.command("check")
@pass_session
def check(session: Session) -> None:
    """Read the settings and say what is wrong with them."""
    # It takes a moment to import, and `show` does not need it. No key: nothing is scrubbed here.
    from api.private import open_privacy

    open_privacy(session.settings, b"")
    where = session.file or "ringfence.toml, if it is there, and the environment"
    click.echo(f"The settings are valid ({where}), for {len(session.settings.engines)} engines.")
