"""`ringfence models fit`"""

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from msgspec import Struct

from api.cli import listing, memorybar
from api.cli.session import Session, json_option, pass_session
from appliance.gpus import nvml
from models.fit import Case, Fit, Wish, best, builds, examine, find, shelf_fits, splits
from models.gpu import GIB, Gpus, of_this_machine, parse
from models.shelf import Model, shelf

MOST_TOKENS = 1 << 27
MOST_REQUESTS = 65_536

OVERVIEW = ("MODEL", "PURPOSE", "PRECISION", "GPUS", "COPIES", "CONTEXT", "REQUESTS", "TOKENS/S")
PRECISIONS = ("PRECISION", "GPUS", "FITS", "WEIGHTS", "KV CACHE", "CONTEXT", "REQUESTS", "TOKENS/S", "REPOSITORY")
SPLITS = ("TENSOR", "PIPELINE", "GPUS", "FITS", "WEIGHTS", "KV CACHE", "CONTEXT", "REQUESTS", "TOKENS/S")


class Tokens(click.ParamType[int]):
    """`8192`, `32k`, `128k`, `1m`."""

    name = "tokens"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,9})([km]?)", str(value).lower())
        tokens = int(match[1]) << {"": 0, "k": 10, "m": 20}[match[2]] if match else 0
        if not 1 <= tokens <= MOST_TOKENS:
            self.fail(f"{value!r} is no number of tokens. Give one such as 8192, 32k or 1m.", param, ctx)
        return tokens


class Answer(Struct, frozen=True):
    """About one model."""

    best: Fit
    precisions: list[Fit]
    splits: list[Fit]


@click.command()
@click.argument("model", required=False)
@click.option("--gpus", "written", help="As in 2xL40S, h200 or, for another card, 2x48GiB; default: this machine's.")
@click.option("--context", type=Tokens(), help="Tokens of each request, as in 32k; default: 8k.")
@click.option(
    "--concurrency", type=click.IntRange(1, MOST_REQUESTS), default=1, help="Requests of that size at once; default: 1."
)
@click.option("--fp8-cache", is_flag=True, help="Count the KV cache in 8 bits (vLLM's --kv-cache-dtype fp8).")
@click.option(
    "--share", type=click.FloatRange(0, 1, min_open=True), default=Wish().utilization, show_default=True,
    help="Of each GPU's memory that vLLM may take: less where two engines share one.",
)  # fmt: skip
@click.option("--adapters", type=click.IntRange(0, 256), default=0, help="Places for LoRA adapters; default: 0.")
@click.option("--rank", type=click.IntRange(1, 512), default=16, help="Their largest rank; default: 16.")
@json_option
@click.pass_context
@pass_session
def fit(session: Session, ctx: click.Context, /, model: str | None, written: str | None, **given: Any) -> None:
    """Say whether MODEL fits on GPUs, by how much, and what would; without MODEL, the whole shelf, best first.

    TOKENS/S is what the bandwidth of the memory allows to all these requests together: nothing is faster, much is
    slower. With MODEL it exits with 1 when the model does not fit.
    """
    models = shelf(session.settings.paths.shelf)
    gpus = parse(written) if written else of_this_machine(nvml.devices())
    wish = Wish(
        context=given["context"],
        concurrency=given["concurrency"],
        cache_bytes=1 if given["fp8_cache"] else 2,
        utilization=given["share"],
        adapter_slots=given["adapters"],
        adapter_rank=given["rank"],
    )
    if model is None:
        _show_shelf(shelf_fits(models.values(), gpus, wish), gpus, wish, given["as_json"])
        return
    answer = _ask(find(models, model), gpus, wish)
    _show_model(answer, gpus, given["as_json"])
    ctx.exit(0 if answer.best.fits else 1)


def _ask(model: Model, gpus: Gpus, wish: Wish) -> Answer:
    found = best(model, gpus, wish)
    build = next(each for each in model.builds if each.repository == found.repository)
    laid = [examine(Case(model, build, gpus, split, wish)) for split in splits(model, gpus.number)]
    return Answer(found, builds(model, gpus, wish), laid)


def _show_shelf(fits: Sequence[Fit], gpus: Gpus, wish: Wish, as_json: bool) -> None:
    if as_json:
        listing.show_json(fits)
        return
    size = "8k tokens, or what a model knows" if wish.context is None else f"{wish.context:,} tokens"
    each = f"{wish.concurrency:,} requests" if wish.concurrency > 1 else "one request"
    click.echo(f"On {gpus} of {gpus.kind.total / GIB:.1f} GiB, {each} of {size}:\n")
    good = [each for each in fits if each.fits]
    _table(OVERVIEW, [_overview(each) for each in good])
    if len(good) < len(fits):
        click.echo("\nDo not fit:\n" if good else "Nothing fits:\n")
        _table(
            ("MODEL", "IN", "WHY NOT"), [(each.model, each.precision, each.reason) for each in fits if not each.fits]
        )


def _show_model(answer: Answer, gpus: Gpus, as_json: bool) -> None:
    if as_json:
        listing.show_json(answer)
        return
    found = answer.best
    verdict = click.style("fits", fg="green") if found.fits else click.style("does not fit", fg="red")
    click.echo(f"{found.model} {verdict} on {gpus} in {found.precision}: {found.reason}\n")
    width = shutil.get_terminal_size().columns
    for line in memorybar.draw(found.ledger, width, sys.stdout.encoding):
        click.echo(line)
    click.echo()
    _table(PRECISIONS, [(each.precision, *_figures(each), each.repository) for each in answer.precisions])
    if len(answer.splits) > 1:
        click.echo(f"\nIn {found.precision}, laid over the GPUs in other ways:\n")
        _table(SPLITS, [(str(each.tensor), str(each.pipeline), *_figures(each)) for each in answer.splits])


def _overview(each: Fit) -> tuple[str, ...]:
    gpus = str(each.tensor * each.pipeline)
    return (each.model, each.purpose, each.precision, gpus, str(each.copies), *_limits(each))


def _figures(each: Fit) -> tuple[str, ...]:
    weights, cache = f"{each.ledger.weights / GIB:.1f} GiB", f"{max(0, each.ledger.cache) / GIB:.1f} GiB"
    return (str(each.tensor * each.pipeline), "yes" if each.fits else "no", weights, cache, *_limits(each))


def _limits(each: Fit) -> tuple[str, str, str]:
    requests = "any" if each.largest_concurrency is None else f"{each.largest_concurrency:,}"
    rate = "-" if each.all_users is None else f"{each.all_users:,}"
    return f"{each.largest_context:,}", requests, rate


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for line in _lines(heads, rows):
        click.echo(line)


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield from listing.table([heads, *rows])
