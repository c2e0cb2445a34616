"""`ringfence audit`"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from appliance.audit import report as audit_report
from appliance.keyring import open_keyring

COLUMNS = ("kind", "tenant", "writer", "sequence", "text")
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """Verify and export the audit ledger."""


@audit.command()
@click.option(
    "--anchor", "anchors", multiple=True, type=click.Path(path_type=Path),
    help="Anchor file; repeat it when several machines write. Default: audit.anchor.",
)  # fmt: skip
@json_option
@click.pass_context
@pass_session
@awaited
async def verify(session: Session, ctx: click.Context, anchors: tuple[Path, ...], as_json: bool) -> None:
    """Look for every change to the ledger; exit 1 when there is one."""
    settings = session.settings
    files = anchors or (settings.audit.anchor or settings.paths.var / "audit.anchor",)
    async with opened(settings) as database:
        report = await audit_report.verify(database, open_keyring(settings).audit, files)
    if as_json:
        listing.show_json(report)
    else:
        _print(report)
    ctx.exit(0 if report.clean else 1)


@audit.command()
@click.option("--tenant", help="Only this tenant's.")
@click.option("--since", type=MOMENT, help="From this moment on (UTC).")
@click.option("--until", type=MOMENT, help="Up to this moment (UTC), not included.")
@pass_session
@awaited
async def export(session: Session, tenant: str | None, since: datetime | None, until: datetime | None) -> None:
    """Write the entries to standard output, as JSON lines."""
    async with opened(session.settings) as database:
        async for line in audit_report.export(database, tenant, _utc(since), _utc(until)):
            sys.stdout.buffer.write(line)
    sys.stdout.flush()


def _print(report: audit_report.Report) -> None:
    if report.findings:
        listing.show(report.findings, COLUMNS, as_json=False)
    if report.clean and not report.blocks:
        click.echo("Nothing was recorded yet: the ledger is empty, and no anchor says otherwise.")
        return
    seen = f"{report.entries} entries in {report.blocks} blocks of {report.chains} chains"
    if report.clean:
        click.echo(f"The ledger is as it was written: {seen}.")
        return
    click.echo(f"{len(report.findings)} findings in {seen}.", err=True)
    if not report.complete:
        click.echo("There may be more: it was not read to the end.", err=True)
    click.echo("Keep the database and the anchor as evidence, and compare them with a backup.", err=True)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
