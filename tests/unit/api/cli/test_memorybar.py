import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.memorybar import draw, share
from models.gpu import GIB
from models.memory import Ledger


def ledger(weights: float, budget: float = 40) -> Ledger:
    parts = {"total": 44, "budget": budget, "weights": weights, "activations": 1, "overhead": 1}
    return Ledger(**{name: round(gib * GIB) for name, gib in parts.items()})


def test_the_bar_shows_each_part_in_proportion():
    bar, legend = draw(ledger(20), 44, "utf-8")
    assert click.unstyle(bar) == "█" * 20 + "▓" * 2 + "▒" * 18 + "·" * 4
    assert click.unstyle(legend) == "█ weights 20.0  ▓ work 2.0  ▒ KV cache 18.0  · not for vLLM 4.0 GiB"


def test_what_is_missing_is_shown():
    bar, legend = draw(ledger(48), 50, "utf-8")
    assert click.unstyle(bar).endswith("!" * 8)
    assert "! missing 10.0 GiB" in click.unstyle(legend)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", None, "no-such-encoding"])
def test_a_terminal_without_the_signs_gets_others(encoding: str | None):
    for line in draw(ledger(20), 44, encoding):
        click.unstyle(line).encode(encoding if encoding == "latin-1" else "ascii")


@pytest.mark.parametrize(("width", "drawn"), [(10, 20), (60, 60), (500, 100)])
def test_the_bar_is_as_wide_as_the_terminal_within_reason(width: int, drawn: int):
    assert len(click.unstyle(draw(ledger(20), width, "utf-8")[0])) == drawn


@given(st.lists(st.integers(1, 1 << 40), min_size=1, max_size=5), st.integers(20, 100))
def test_the_parts_fill_the_width_and_none_vanishes(amounts, width):
    cells = share(amounts, width)
    assert sum(cells) == width
    assert min(cells) >= 1
