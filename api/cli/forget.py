"""`ringfence privacy forget`"""

import click

from api.cli.session import Session, pass_session
from api.cli.storage import awaited, opened
from appliance.audit import Entry, Ledger
from appliance.identity.bootstrap import TENANT
from appliance.keyring import open_keyring
from appliance.privacy.kept import Kept


@click.command()
@click.option("--subject", required=True, help="The `x-subject-id` of the requests, or else their user or key.")
@click.option("--tenant", default=TENANT, show_default=True, help="The customer's tenant.")
@pass_session
@awaited
async def forget(session: Session, subject: str, tenant: str) -> None:
    """Erase the key of a customer's kept values: nobody can read them any more."""
    settings = session.settings
    keyring = open_keyring(settings)
    anchor = settings.audit.anchor or settings.paths.var / "audit.anchor"
    async with opened(settings) as database:
        ledger = Ledger(database, settings.audit, keyring.audit, anchor, "cli")
        await ledger.start()
        try:
            kept = Kept(database, keyring.privacy, settings.privacy.keep_days)
            forgotten = await kept.forget(tenant, subject)
            ledger.record(tenant, Entry(action="privacy_forget", code="ok", details=forgotten.details))
        finally:
            await ledger.close()
    if forgotten.erased:
        click.echo(f"Erased: {forgotten.values} values of {forgotten.conversations} conversations of {tenant}.")
    else:
        click.echo(f"Nothing is kept of this subject of {tenant}.")
