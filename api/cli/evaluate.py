"""`ringfence evaluate`"""

import secrets
import sys
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.private import open_privacy
from appliance.errors import InvalidRequest
from appliance.identity.bootstrap import TENANT
from appliance.privacy import evaluation

DEADLINE_SECONDS = 60
CONFUSIONS = 20


@click.group()
def evaluate() -> None:
    """Measure how well something works on data of your own."""


@evaluate.command()
@click.argument("dataset", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "pairs", multiple=True, metavar="THEIRS=OURS", help="What a type is called here; may be repeated."
)
@click.option("--ignore", "ignored", multiple=True, metavar="TYPE", help="Leave a type out; may be repeated.")
@json_option
@pass_session
def privacy(session: Session, dataset: Path, pairs: tuple[str, ...], ignored: tuple[str, ...], as_json: bool) -> None:
    """Find what is personal in texts of which somebody said where it is, and compare.

    DATASET is a JSON list of {"full_text", "spans": [{"entity_type", "start_position", "end_position"}]}.
    """
    result = evaluation.Evaluation(renamed=dict(map(_pair, pairs)), ignored=ignored)
    samples = evaluation.read(dataset.read_bytes())
    chosen = session.settings
    patient = msgspec.structs.replace(chosen.privacy, deadline_seconds=DEADLINE_SECONDS)
    # The key makes placeholders, and none is made.
    finder = open_privacy(msgspec.structs.replace(chosen, privacy=patient), secrets.token_bytes(32))
    finder.prepare()
    with click.progressbar(samples, label="Texts", file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:
        for sample in shown:
            result.add(sample, finder.find(TENANT, sample.full_text))
    report = result.report()
    if as_json:
        listing.show_json(report)
    else:
        _print(report)


def _pair(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.partition("=")
    if not (theirs and equals and ours):
        raise InvalidRequest(f"--map {text} names no pair. Write THEIRS=OURS, such as STREET_ADDRESS=ADDRESS.")
    return theirs, ours


def _print(report: evaluation.Report) -> None:
    click.echo(f"{report.samples} texts, {report.characters} characters")
    for at in report.at:
        click.echo(f"\nOverlap {at.overlap}; any: whatever the types, all: with the right ones")
        _table(("TYPE", "MARKED", "FOUND", "TOLD", "RIGHT", "PRECISION", "RECALL", "F2"), map(_row, _scores(at)))
    click.echo("\nWhat was taken for what")
    _table(("MARKED", "TOLD", "COUNT"), ((each.marked, each.told, str(each.count)) for each in _confused(report)))
    click.echo("\nThe worst misses")
    _table(("TYPE", "COVERED", "TEXT"), ((each.type, f"{each.covered:.2f}", each.excerpt) for each in report.misses))
    click.echo("\nThe surest false alarms")
    rows = ((each.type, each.recognizer, f"{each.score:.2f}", each.excerpt) for each in report.alarms)
    _table(("TYPE", "RECOGNIZER", "SCORE", "TEXT"), rows)


def _scores(at: evaluation.AtOverlap) -> Iterable[evaluation.Score]:
    return at.blind, at.typed, *at.types


def _confused(report: evaluation.Report) -> Iterable[evaluation.Confused]:
    return [each for each in report.confusion if each.marked != each.told][:CONFUSIONS]


def _row(score: evaluation.Score) -> tuple[str, ...]:
    counts = map(str, (score.marked, score.found, score.told, score.right))
    shares = ("-" if share is None else f"{share:.4f}" for share in (score.precision, score.recall, score.f2))
    return (score.type, *counts, *shares)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    for line in listing.table([head, *rows]):
        click.echo(line)
