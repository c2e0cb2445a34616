"""Texts to judge names by, beside `support_talk`: eight languages, and networks that name nobody.

Every second of each is held back. Values are made up by Faker from a seed.
"""

import random
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from faker import Faker

from tests.bench.support_talk import Example, filled

FOLDER = Path(__file__).parent / "data"
ROUNDS = 12


def prose(seed: int, *, held: bool) -> Iterator[tuple[str, Example]]:
    """Sentences with names, addresses and places, each with its language."""
    chance = random.Random(seed)
    for part in (FOLDER / "names_prose.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        locales, *templates = part.strip().split("\n")
        fakers = [Faker(locale) for locale in locales.split()]
        for faker in fakers:
            faker.seed_instance(seed)
        chosen = templates[int(held) :: 2]
        for template in islice(cycle(chosen), ROUNDS * len(chosen)):
            yield locales[:2], filled(template.replace("\\n", "\n"), chance.choice(fakers), chance)


def technical(*, held: bool) -> list[Example]:
    texts = (FOLDER / "names_technical.txt").read_text(encoding="utf-8").split("===\n")[1:]
    return [Example(text, (), ()) for text in texts[int(held) :: 2]]
