"""How well and how fast names are found: `python -m tests.bench.names WEIGHTS`."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.privacy.gate import Gate, Words, bundled
from appliance.privacy.names import Care, Rampart
from appliance.privacy.span import Span
from tests.bench.support_talk import DEVELOPMENT, HELD_BACK, Example, talk

TYPES = ("PERSON", "ADDRESS", "LOCATION")
COVERED = 0.7
SOUND = 0.5
ROUNDS = 5


@dataclass(frozen=True)
class Score:
    recall: float
    """Of the marked names and places, those of which at least 70 % was found, whatever it was taken for."""
    precision: float
    """Of what was found, that of which at least half is marked."""


def judged(find: Callable[[str], Iterable[Span]], examples: Sequence[Example]) -> Score:
    marked = caught = told = right = 0
    for example in examples:
        found = [(span.start, span.end) for span in find(example.text) if span.type in TYPES]
        places = [(start, end) for start, end, _ in example.marked]
        marked += len(places)
        caught += sum(_shared(place, found) >= COVERED * (place[1] - place[0]) for place in places)
        judged_here = [span for span in found if not _shared(span, example.other)]
        told += len(judged_here)
        right += sum(_shared(span, places) >= SOUND * (span[1] - span[0]) for span in judged_here)
    return Score(caught / marked, right / told)


def _shared(one: tuple[int, int], others: Iterable[tuple[int, int]]) -> int:
    return sum(max(0, min(one[1], end) - max(one[0], start)) for start, end in others)


def milliseconds(find: Callable[[str], object], examples: Sequence[Example]) -> float:
    """CPU time for one example, the best of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for example in examples:
            find(example.text)
        rounds.append(time.process_time() - begun)
    return min(rounds) / len(examples) * 1000


def main(weights: Path) -> None:
    finders = {"gated": bundled(), "ungated": Gate(Words())}
    for name, templates in (("development", DEVELOPMENT), ("held back", HELD_BACK)):
        examples = list(talk(templates, 720, seed=7))
        size = sum(len(example.text) for example in examples) / len(examples)
        for kind, gate in finders.items():
            finder = Rampart(weights, gate, Care(seconds=60))
            score = judged(finder.find, examples)
            print(
                f"{name:12} {kind:8} {size:4.0f} characters  {milliseconds(finder.find, examples):5.2f} ms  "
                f"recall {score.recall:.3f}  precision {score.precision:.3f}"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
