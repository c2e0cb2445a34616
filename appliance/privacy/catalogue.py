"""Every type as people see it.

`python -m appliance.privacy.catalogue > docs/reference/privacy-types.md` writes the page.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from appliance.privacy.choice import Choice, choice_of
from appliance.privacy.examples import EXAMPLES
from appliance.privacy.kinds import CATALOGUE, Kind, Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.people.namelabels import LABELS
from appliance.privacy.policy import Policy
from appliance.privacy.scanning import heads
from appliance.privacy.scanning.detector import DENIED
from appliance.settings import Action, Privacy

RAMPART = "rampart"
COLUMNS = "columns"
NOTHING: Mapping[str, Sequence[str]] = MappingProxyType({})
PRESIDIO = "presidio"
NAMED = ("PERSON", "LOCATION", "ORGANIZATION")
"""What its models look for."""

INTRODUCTION = """\
# Types

Made from `appliance/privacy/` by `python -m appliance.privacy.catalogue`; change it there.

What can be found, with a text in which it is. A find that is less sure than the threshold is none; `privacy.thresholds`
sets others. Where finds overlap one of them holds, so a passport may be told as `NATIONAL_ID` or as that of another
country: many have the same form. Columns are those of tables whose heads say what stands below; `rampart` and models of
`presidio` look for names where `privacy.names` says so. The page `/privacy` of your appliance shows the same with what
your tenant's policy does, and each recognizer by its name.
"""


class Entry(Struct, frozen=True):
    """A type, and what happens to it."""

    type: str
    text: str
    example: str
    threshold: float
    recognizers: tuple[str, ...]
    action: Action | Literal["refuse"]
    cloud: Action | Literal["refuse"]
    """The same for engines in a cloud."""


def entries(
    choice: Choice, on_site: Policy, cloud: Policy, presidio: Mapping[str, Sequence[str]] = NOTHING
) -> list[Entry]:
    """The types of the catalogue, then a tenant's own; `presidio` are those of its recognizers, with their names."""
    kinds, recognizers = Kinds(choice.thresholds), _recognizers(choice, presidio)
    known = {each.name for each in CATALOGUE}
    own = [Kind(name, "your own") for name in sorted({*choice.own_types, *presidio} - known)]
    return [
        Entry(
            type=each.name,
            text=each.text,
            example=EXAMPLES.get(each.name, ""),
            threshold=kinds.threshold(each.name),
            recognizers=tuple(recognizers.get(each.name, ())),
            action=action_of(on_site, each.name),
            cloud=action_of(cloud, each.name),
        )
        for each in (*CATALOGUE, *own)
    ]


def action_of(policy: Policy, kind: str) -> Action | Literal["refuse"]:
    """What a policy comes to for a type, its mode included."""
    action = policy.action(kind)
    if policy.mode == "pass":
        return "keep"
    return "refuse" if policy.mode == "refuse" and action != "keep" else action


def page() -> str:
    """The reference page, in Markdown."""
    rows = entries(choice_of(Privacy(), ""), Policy(), Policy(for_cloud=True))
    lines = [INTRODUCTION, "| Type | What | For example | Threshold | Found by |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.type}` | {each.text} | `{each.example}` | {each.threshold:g} | {_sources(each.recognizers)} |"
        for each in rows
    ]
    return "\n".join(lines) + "\n"


def _recognizers(choice: Choice, presidio: Mapping[str, Sequence[str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    theirs = ((kind, name) for kind, names in presidio.items() for name in names)
    for kind, name in chain(_known(choice), theirs):
        names = found.setdefault(kind, [])
        if name not in names:
            names.append(name)
    return found


def _known(choice: Choice) -> Iterator[tuple[str, str]]:
    yield from ((each.type, each.name) for each in PATTERNS)
    yield from ((each.type, f"custom.{each.name}") for each in choice.recognizers)
    yield from ((kind, COLUMNS) for kind in sorted(heads.TYPES))
    yield from ((label.type, RAMPART) for label in LABELS.values())
    yield from ((kind, PRESIDIO) for kind in NAMED)
    yield from ((kind, DENIED) for kind in choice.deny.values())


def _sources(names: Iterable[str]) -> str:
    others = (COLUMNS, RAMPART, PRESIDIO)
    return ", ".join(dict.fromkeys(each if each in others else "patterns" for each in names))


if __name__ == "__main__":
    sys.stdout.write(page())
