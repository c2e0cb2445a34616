"""Measure what privacy costs, beside stock Presidio on the same texts and core: `python -m tests.bench.privacy`.

In each round each side reads texts that it never read before, one side after the other; the table has medians over the
rounds. Stock Presidio stands in an environment of its own in the user's cache (400 MB, made once).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Self

from appliance.errors import PrivacyUnavailable
from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.scanner import Scanner
from tests.bench.privacy_texts import texts, worst
from tests.bench.processes import choose_cores, pinned
from tests.peers import presidio
from tests.peers.cache import user_cache

LENGTHS = (84, 231, 2310)
TEXTS = 100
WORST = 100_000
DEADLINE = 0.2


@dataclass(frozen=True)
class Stock:
    """Stock Presidio in a process that waits for texts."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, python: Path) -> Self:
        command = [python, Path(__file__).with_name("privacy_stock.py")]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def seconds(self, what: str, given: Sequence[str]) -> float:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([what, given]) + "\n")
        self.process.stdin.flush()
        return statistics.median(json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        self.process.communicate()


def seconds(find: Callable[[str], object], given: Sequence[str]) -> float:
    measured = []
    for text in given:
        began = perf_counter()
        find(text)
        measured.append(perf_counter() - began)
    return statistics.median(measured)


def ready() -> Scanner:
    """A prepared scanner; says how long that took."""
    with tempfile.TemporaryDirectory() as folder:
        for when in ("first start", "later start"):
            began = perf_counter()
            scanner = Scanner(PATTERNS, deadline_seconds=DEADLINE, floor=Kinds().threshold)
            made = perf_counter()
            scanner.prepare(Path(folder))
            print(
                f"{when}: {made - began:.2f} s for {len(PATTERNS)} patterns, {perf_counter() - made:.2f} s to prepare"
            )
    return scanner


def compare(detector: Detector, stock: Stock, rounds: int) -> None:
    measured: dict[int, list[tuple[float, float]]] = {length: [] for length in LENGTHS}
    for number in range(rounds + 1):
        for length in LENGTHS:
            given = texts(1_000 * number + length, length, TEXTS)
            pair = seconds(detector.find, given), stock.seconds("patterns", given)
            if number:  # the first round warms both
                measured[length].append(pair)
    print("\n| characters | ours, ms | stock Presidio, ms | times faster |\n|---|---|---|---|")
    for length, pairs in measured.items():
        ours, theirs = (1e3 * statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"| {length:,} | {ours:.3f} | {theirs:.2f} | {theirs / ours:.0f} |")


def endure(detector: Detector) -> None:
    print(f"\n| {WORST:,} characters | ms | |\n|---|---|---|")
    for name, text in worst(WORST):
        began = perf_counter()
        try:
            said = f"{len(detector.find(text)):,} finds"
        except PrivacyUnavailable:
            said = "refused"
        print(f"| {name} | {1e3 * (perf_counter() - began):.0f} | {said} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.privacy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    peer = presidio.install(user_cache() / "peers", lambda line: print(line, file=sys.stderr))
    detector = Detector(ready(), None, Kinds())
    with pinned(choose_cores().gateway), closing(Stock.start(peer.python)) as stock:
        compare(detector, stock, options.rounds)
        endure(detector)


if __name__ == "__main__":
    main()
