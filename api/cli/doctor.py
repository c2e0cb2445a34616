"""`ringfence doctor`"""

import click

from api.checks import Finding, examine_launches, examine_machine, examine_services
from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited
from api.serve import running
from appliance.settings import Settings

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@json_option
@click.pass_context
@pass_session
@awaited
async def doctor(session: Session, ctx: click.Context, as_json: bool) -> None:
    """Check everything the appliance needs; exit 1 when something fails."""
    findings = await _examine(session.settings, told=not as_json)
    if as_json:
        listing.show_json(findings)
    ctx.exit(1 if any(finding.state == "fail" for finding in findings) else 0)


async def _examine(settings: Settings, told: bool) -> list[Finding]:
    findings = []
    for finding in examine_machine(settings):
        findings.append(finding)
        _tell(finding, told)
    serving = running(settings.paths.var / "run") is not None
    for examine in (examine_services, examine_launches):
        async for finding in examine(settings, serving=serving):
            findings.append(finding)
            _tell(finding, told)
    return findings


def _tell(finding: Finding, told: bool) -> None:
    """At once: a check of a broken network takes its time."""
    if not told:
        return
    state = click.style(finding.state.ljust(4), fg=COLOURS[finding.state])
    remedy = f". {finding.remedy}" if finding.remedy else ""
    click.echo(f"{state}  {finding.name}: {finding.text}{remedy}")
