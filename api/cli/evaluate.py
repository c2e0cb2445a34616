"""`ringfence evaluate`"""

import asyncio
import os
import secrets
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import click
import msgspec

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.private import open_privacy
from appliance.errors import InvalidRequest
from appliance.identity.bootstrap import TENANT
from appliance.privacy import evaluation
from inference.minilm import NAME, MiniLM
from ingest.evaluation import files
from ingest.evaluation.chunking import BUDGET, NEAREST, SIZES, Report
from ingest.evaluation.comparison import compared, ways
from models.spec import find

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


@evaluate.command()
@click.argument("documents", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.IntRange(32, 255),
    default=SIZES,
    show_default=True,
    help="Tokens of a passage; may be repeated.",
)
@json_option
@pass_session
def chunking(session: Session, documents: Path, questions: Path, sizes: tuple[int, ...], as_json: bool) -> None:
    """Cut documents into passages in several ways, and see which ways answer questions with the fewest words.

    DOCUMENTS has {"_id", "title", "text"} in each line, QUESTIONS {"text", "answers": [[{"document", "quote"}]]}.
    """
    weights = find(NAME).path(session.settings.paths.var)
    contents = files.documents(documents.read_bytes())
    asked = files.questions(questions.read_bytes(), contents)
    with closing(MiniLM(weights, os.cpu_count() or 1)) as embedder:
        reports = asyncio.run(compared(embedder, contents, asked, ways(sizes)))
    if as_json:
        listing.show_json(reports)
        return
    click.echo(f"{len(contents)} documents, {len(asked)} questions, the {NEAREST} nearest passages of each")
    head = ("CUT", "PASSAGES", "TOKENS", "PRECISION", "RECALL", "IOU", "WHOLE", f"RECALL IN {BUDGET}")
    _table(head, map(_cut_row, reports))


def _cut_row(report: Report) -> tuple[str, ...]:
    means = (report.precision, report.recall, report.iou, report.whole, report.in_budget)
    shown = (f"{mean.value:.3f} ± {mean.error:.3f}" for mean in means)
    return (report.name, str(report.pieces), f"{report.tokens:.0f}", *shown)


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
