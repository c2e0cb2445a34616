"""`ringfence models command`"""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click

from api.cli.fit import MOST_REQUESTS, Tokens
from api.cli.session import Session, pass_session
from appliance.errors import ModelError
from appliance.gpus import nvml
from inference.command import Command
from inference.launch import Launch, command, has_mistral_tokenizer
from models.fit import Case, Wish, find, in_precision, plan
from models.gpu import of_this_machine, parse
from models.memory import Split
from models.shelf import shelf
from models.shelf.rows import Precision

KEY = "VLLM_API_KEY"
# A shell says so where the variable is missing.
GIVEN = f"${{{KEY}:?set it to the key that Ringfence knows}}"


@click.command("command")
@click.argument("model")
@click.argument("weights", type=click.Path(path_type=Path))
@click.option("--precision", type=click.Choice(get_args(Precision)), help="Of the weights; default: the first build's.")
@click.option("--gpus", "written", help="As in 2xL40S; default: this machine's.")
@click.option("--context", type=Tokens(), help="Tokens of the longest request, as in 32k; default: 8k.")
@click.option("--concurrency", type=click.IntRange(1, MOST_REQUESTS), default=1, help="Requests of that size at once.")
@click.option("--fp8-cache", is_flag=True, help="Keep the KV cache in 8 bits.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, help="On loopback; default: 8000.")
@pass_session
def command_(session: Session, /, model: str, weights: Path, written: str | None, port: int, **given: Any) -> None:
    """Print the shell command that starts vLLM for MODEL, whose WEIGHTS lie in a folder.

    It is what fits by the count of `ringfence models fit`, with as many copies as the GPUs hold. It takes the key from
    VLLM_API_KEY.
    """
    row = find(shelf(session.settings.paths.shelf), model)
    gpus = parse(written) if written else of_this_machine(nvml.devices())
    wish = Wish(given["context"], given["concurrency"], 1 if given["fp8_cache"] else 2)
    build = in_precision(row, given["precision"] or "")[0]
    fit = plan(row, build, gpus, wish)
    if not fit.fits:
        raise ModelError(f"{model} does not fit: {fit.reason} See `ringfence models fit {model}` for what would.")
    case = Case(row, build, gpus, Split(fit.tensor, fit.pipeline), wish)
    launch = Launch(
        case=case,
        devices=tuple(str(number) for number in range(case.split.gpus * fit.copies)),
        weights=weights,
        answers_at=port,
        key=GIVEN,
        cache=session.settings.paths.var.resolve() / "vllm",
        drain_seconds=session.settings.server.drain_seconds,
        mistral_tokenizer=has_mistral_tokenizer(weights),
    )
    click.echo(" \\\n  ".join(_lines(command(launch))))


def _lines(started: Command) -> Iterator[str]:
    # Assignments, not `env`: everybody on a machine can read what a program was called with.
    for name, value in started.environment.items():
        yield f'{name}="{value}"' if name == KEY else f"{name}={shlex.quote(value)}"
    line: list[str] = []
    for each in started.argv:
        if each.startswith("--"):
            yield shlex.join(line)
            line = []
        line.append(each)
    yield shlex.join(line)
