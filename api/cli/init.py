"""`ringfence init`: everything a first start needs, and nothing the second time."""

import click

from api.cli.session import Session, pass_session
from api.cli.storage import awaited
from appliance import revisions
from appliance.db import open_database
from appliance.identity import bootstrap
from appliance.identity.keys import Mint
from appliance.keyring import make_keyring, open_keyring
from appliance.settings import Settings
from models import starter
from models.spec import shelf


@click.command()
@pass_session
def init(session: Session) -> None:
    """Make the secrets, the database, a first tenant with its administrator's key; fetch the starter models.

    What is there already stays as it is, so it can be run again at any time.
    """
    make_database(session.settings)
    fetch_models(session.settings)
    compile_patterns(session.settings)


@awaited
async def make_database(settings: Settings) -> None:
    database = open_database(settings)
    try:
        status = await revisions.status(database)
        if not status.is_current:
            _say(f"database: moving from {status.current or 'nothing'} to {status.head}")
            # Alembic takes most of a second to import, and only a first start needs it.
            from appliance.migrations import runner

            await runner.upgrade(database)
        # A secret that is lost must be missed, not replaced: keys and ledger of the old one would be void.
        first = await bootstrap.is_first_start(database)
        keyring = make_keyring(settings) if first else open_keyring(settings)
        file = await bootstrap.bootstrap(database, Mint(keyring.pepper), settings.paths.var)
    finally:
        await database.close()
    if file is not None:
        _say(f"first tenant: {bootstrap.TENANT}; its administrator's key is in {file}")


def compile_patterns(settings: Settings) -> None:
    """What finds personal data; workers take it from the cache."""
    # Hundreds of patterns take half a second to import, and other commands need none.
    from api.private import open_privacy

    privacy = open_privacy(settings, open_keyring(settings).privacy)
    if not privacy.is_prepared():
        _say("privacy: compiling what finds personal data (once, some seconds)")
        privacy.prepare()


def fetch_models(settings: Settings) -> None:
    """The weights that the settings name on the starter shelf."""
    names = {engine.weights for engine in settings.engines if engine.kind == "llamacpp"}
    names.add(settings.privacy.names)
    for name in sorted(names & shelf().keys()):
        starter.fetch(name, settings.paths.var, _say)


def _say(text: str) -> None:
    click.echo(text, err=True)
