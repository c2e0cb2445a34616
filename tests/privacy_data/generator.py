"""Texts from templates. Whole templates are held back, not values: what is tuned on one half has not seen the other.

A file of templates holds, after each line `=== language name`, one text with slots: `⟦person⟧` is a value of the type
that `values.SLOTS` gives it, and `⟦person 2⟧` is the same value wherever it stands in that text. `⟦TOKEN=ghp_{w36}⟧` is
a value of that type in a form of its own; `ANY` is nobody's.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple, TypedDict

from tests.privacy_data.values import Value, Values

FOLDER = Path(__file__).parent / "templates"
SLOT = re.compile(r"⟦(\w+)(?: \d+|=(?P<form>[^⟧]*))?⟧")
NOBODYS = "ANY"
SPLIT = "ringfence"
"""Seed of the split; another gives other halves."""

Half = Literal["tuning", "held", "both"]


class Template(NamedTuple):
    language: str
    name: str
    text: str

    @property
    def is_held(self) -> bool:
        return hashlib.sha256(f"{SPLIT} {self.language} {self.name}".encode()).digest()[0] % 2 == 1


class Marked(TypedDict):
    entity_type: str
    start_position: int
    end_position: int


class Sample(TypedDict):
    full_text: str
    spans: list[Marked]
    template: str


@cache
def templates(half: Half) -> tuple[Template, ...]:
    return tuple(each for each in _all() if half == "both" or each.is_held == (half == "held"))


def samples(count: int, half: Half, seed: int) -> Iterator[Sample]:
    """Every template in turn, so that each has its share."""
    random = Random(seed)
    chosen = templates(half)
    for number in range(count):
        template = chosen[number % len(chosen)]
        yield fill(template, Values(random, template.language))


def fill(template: Template, values: Values) -> Sample:
    drawn: dict[str, Value] = {}
    text, spans, end = "", [], 0
    for slot in SLOT.finditer(template.text):
        text += template.text[end : slot.start()]
        end = slot.end()
        value = drawn.get(slot[0]) if slot["form"] is None and " " in slot[0] else None
        if value is None:
            value = drawn[slot[0]] = _value(slot, values)
        if value.type:
            start, stop = len(text), len(text) + len(value.text)
            spans.append(Marked(entity_type=value.type, start_position=start, end_position=stop))
        text += value.text
    return Sample(full_text=text + template.text[end:], spans=spans, template=f"{template.language} {template.name}")


def _value(slot: re.Match[str], values: Values) -> Value:
    if slot["form"] is None:
        return values.draw(slot[1])
    return Value(None if slot[1] == NOBODYS else slot[1], values.draw_form(slot["form"]))


def _all() -> Iterator[Template]:
    for file in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"(?m)^=== ", file.read_text(encoding="utf-8"))[1:]:
            title, _, text = part.partition("\n")
            language, _, name = title.partition(" ")
            yield Template(language, f"{file.stem} {name}", text.strip("\n"))
