"""Measure what a turn of a long conversation costs: `python -m tests.bench.turns`.

Each conversation goes through the vault as a client sends it: with all messages of before, whose finds are remembered.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import msgspec

from appliance.privacy.people.namefinders import RAMPART, Weights
from appliance.privacy.privacy import Privacy
from appliance.settings import Privacy as Settings
from models.spec import find
from tests.bench.privacy_texts import texts

LENGTH = 231
TURNS = 50
KEY = b"k" * 32


def turns(privacy: Privacy, seed: int) -> list[float]:
    """How long each turn of one conversation took to seal."""
    said = texts(seed, LENGTH, 2 * TURNS)
    taken = []
    for turn in range(1, TURNS + 1):
        roles = ("user", "assistant") * turn
        messages = [{"role": role, "content": text} for role, text in zip(roles, said[: 2 * turn - 1], strict=False)]
        body = msgspec.json.encode({"model": "m", "messages": messages})
        began = perf_counter()
        privacy.open("bench").seal("chat", body)
        taken.append(perf_counter() - began)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.turns", description=__doc__)
    parser.add_argument("--talks", type=int, default=20)
    parser.add_argument("--rampart", type=Path, help="the weights that find names; without them, patterns only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names = "rampart" if options.rampart else "off"
        weights = Weights(options.rampart, find(RAMPART).sha256) if options.rampart else Weights()
        privacy = Privacy(Settings(names=names), KEY, Path(folder), weights)
        privacy.prepare()
        turns(privacy, 0)  # warms
        measured = [turns(privacy, seed) for seed in range(1, options.talks + 1)]
    second, last = (1e3 * statistics.median(talk[turn - 1] for talk in measured) for turn in (2, TURNS))
    print(f"turn 2: {second:.2f} ms, turn {TURNS}: {last:.2f} ms, {last / second:.2f} times")


if __name__ == "__main__":
    main()
