"""The memory of a GPU as a bar of the terminal's width."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from models.gpu import GIB
from models.memory import Ledger

LEAST_WIDTH, MOST_WIDTH = 20, 100


class Part(NamedTuple):
    name: str
    colour: str
    sign: str
    plain: str
    """Where the terminal writes no such sign."""


PARTS: Mapping[str, Part] = {
    "weights": Part("weights", "blue", "█", "#"),
    "work": Part("work", "magenta", "▓", "+"),
    "cache": Part("KV cache", "green", "▒", "="),
    "kept": Part("not for vLLM", "white", "·", "."),
    "missing": Part("missing", "red", "!", "!"),
}


def draw(ledger: Ledger, width: int, encoding: str | None) -> list[str]:
    """The bar, and under it what each part of it is."""
    amounts = _amounts(ledger)
    cells = share(list(amounts.values()), min(MOST_WIDTH, max(LEAST_WIDTH, width)))
    signs = {name: part.sign if _writes(encoding, part.sign) else part.plain for name, part in PARTS.items()}
    bar = "".join(click.style(signs[name] * n, fg=PARTS[name].colour) for name, n in zip(amounts, cells, strict=True))
    legend = "  ".join(
        f"{click.style(signs[name], fg=PARTS[name].colour)} {PARTS[name].name} {amount / GIB:.1f}"
        for name, amount in amounts.items()
    )
    return [bar, f"{legend} GiB"]


def share(amounts: Sequence[int], width: int) -> list[int]:
    """Whole cells for each amount, in proportion; what is there at all gets one, and together they fill the width."""
    total = sum(amounts) or 1
    cells = [max(1, amount * width // total) for amount in amounts]
    largest = amounts.index(max(amounts))
    cells[largest] += width - sum(cells)
    return cells


def _amounts(ledger: Ledger) -> dict[str, int]:
    amounts = {"weights": ledger.weights, "work": ledger.needed - ledger.weights}
    if ledger.cache < 0:
        return {**amounts, "missing": -ledger.cache}
    return {
        name: amount
        for name, amount in {**amounts, "cache": ledger.cache, "kept": ledger.total - ledger.budget}.items()
        if amount > 0
    }


def _writes(encoding: str | None, sign: str) -> bool:
    try:
        sign.encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
