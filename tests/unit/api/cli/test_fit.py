import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import main


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "ringfence.toml"
    file.write_text("")
    return file


def fit(settings: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(settings), "models", "fit", *arguments])


def answer(settings: Path, *arguments: str) -> Any:
    return json.loads(fit(settings, *arguments, "--json").stdout)


def test_the_shelf_is_shown_with_what_fits_and_why_the_rest_does_not(settings: Path):
    shown = fit(settings, "--gpus", "rtx-4090")
    assert shown.exit_code == 0
    good, _, bad = shown.stdout.partition("Do not fit:")
    assert good.startswith("On 1 x RTX-4090 of 23.5 GiB, one request of 8k tokens")
    assert "mistral-small-3.2-24b-instruct" in good
    assert "llama-3.3-70b-instruct" in bad
    assert "more than the 21.6 GiB that vLLM may use" in bad


def test_a_model_that_fits_is_drawn_and_exits_with_0(settings: Path):
    shown = fit(settings, "llama-3.1-8b-instruct", "--gpus", "2xL40S", "--context", "32k", "--concurrency", "4")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("llama-3.1-8b-instruct fits on 2 x L40S in bf16: ")
    assert set(lines[2]) == set("█▓▒·")
    assert lines[5].split() == [
        "PRECISION", "GPUS", "FITS", "WEIGHTS", "KV", "CACHE", "CONTEXT", "REQUESTS", "TOKENS/S", "REPOSITORY",
    ]  # fmt: skip
    assert "\x1b" not in shown.stdout


def test_a_model_that_does_not_fit_exits_with_1(settings: Path):
    shown = fit(settings, "llama-3.3-70b-instruct", "--gpus", "2xL40S", "--context", "32k", "--concurrency", "50")
    assert shown.exit_code == 1
    assert "does not fit" in shown.stdout
    assert "50 requests of 32,768 tokens need 250.0 GiB" in shown.stdout


def test_programs_get_json(settings: Path):
    everything = answer(settings, "--gpus", "h200")
    assert {"model", "fits", "reason", "spare", "largest_context", "ledger"} <= everything[0].keys()
    one = answer(settings, "mistral-nemo-12b-instruct", "--gpus", "2xl4", "--fp8-cache")
    assert [each["precision"] for each in one["precisions"]] == ["bf16", "fp8", "int4"]
    assert {(each["tensor"], each["pipeline"]) for each in one["splits"]} == {(1, 1), (2, 1), (1, 2)}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 1, "Say which GPUs you mean"),
        (("--gpus", "voodoo"), 1, "the nearest are"),
        (("lama", "--gpus", "l4"), 1, "The shelf has no model 'lama'"),
        (("--gpus", "l4", "--context", "much"), 2, "'much' is no number of tokens"),
        (("--gpus", "l4", "--context", "0"), 2, "is no number of tokens"),
        (("--gpus", "l4", "--concurrency", "0"), 2, "--concurrency"),
    ],
)
def test_what_cannot_be_answered_is_told_with_a_remedy(
    settings: Path, arguments: tuple[str, ...], code: int, told: str
):
    refused = fit(settings, *arguments)
    assert refused.exit_code == code
    assert told in refused.stderr


def test_models_of_the_operator_are_counted_too(settings: Path):
    own = settings.with_name("own.toml")
    own.write_text("[[model]]\nname = 'own'\n")
    settings.write_text(f"[paths]\nshelf = {json.dumps(str(own))}\n")
    refused = fit(settings, "--gpus", "l4")
    assert refused.exit_code == 2
    assert "own.toml: model.own.purpose is missing" in refused.stderr


def test_it_loads_next_to_nothing(settings: Path):
    """It must answer in 0.3 s. Where it was made it takes 0.26 s of a processor, most of it imports."""
    command = [sys.executable, "-X", "importtime", "-c", "from api.cli import main; main()", "--config", str(settings)]
    told = subprocess.run(
        [*command, "models", "fit", "--gpus", "l4"], capture_output=True, text=True, check=True
    ).stderr
    loaded = {line.split("|")[-1].strip().partition(".")[0] for line in told.splitlines()}
    assert {"click", "msgspec"} <= loaded
    assert loaded & {"sqlalchemy", "alembic", "numpy", "gguf", "re2", "fastapi", "uvicorn", "asyncio", "ssl"} == set()


def test_two_engines_on_one_gpu_have_a_share_each(settings: Path):
    whole = answer(settings, "llama-3.1-8b-instruct", "--gpus", "l40s")["best"]["ledger"]
    part = answer(settings, "llama-3.1-8b-instruct", "--gpus", "l40s", "--share", "0.75")["best"]["ledger"]
    assert part["weights"] == whole["weights"]
    assert part["budget"] / whole["budget"] == pytest.approx(0.75 / 0.92)
    assert fit(settings, "llama-3.1-8b-instruct", "--gpus", "l40s", "--share", "1.5").exit_code == 2


def test_places_for_adapters_are_counted(settings: Path):
    asked = ("llama-3.1-8b-instruct", "--gpus", "l40s", "--adapters", "4", "--rank")
    small, large = (answer(settings, *asked, rank)["best"]["ledger"]["adapters"] for rank in ("16", "64"))
    assert 0 < 4 * small == pytest.approx(large)
