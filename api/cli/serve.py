"""`ringfence serve`"""

import click
import msgspec

from api import serve as supervisor
from api.cli.session import Session, pass_session


@click.command()
@click.option("--workers", type=click.IntRange(0, 256), help="API processes; overrides server.workers.")
@click.option(
    "--foreground", is_flag=True, help="Take Ctrl-C from the terminal also under make, and say what to do next."
)
@click.pass_context
@pass_session
def serve(session: Session, ctx: click.Context, workers: int | None, foreground: bool) -> None:
    """Start the appliance: API workers on one port, and the engines.

    Ctrl-C or SIGTERM lets running requests end; a second one cuts them.
    """
    settings = session.settings
    if workers is not None:
        server = msgspec.structs.replace(settings.server, workers=workers)
        settings = msgspec.structs.replace(settings, server=server)
    ctx.exit(supervisor.run(settings, session.arguments, foreground))
