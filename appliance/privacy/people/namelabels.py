"""What a model says of each word, made into spans."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from appliance.privacy.span import Span


class Label(Struct, frozen=True):
    type: str
    kept_apart: bool = False
    """Whether it stays a span of its own beside another label of the same type."""
    ceiling: float = 1.0
    """Patterns know these better: the model is heard only by who wants finds that are less sure."""


HINT = 0.3

LABELS: Mapping[str, Label] = {
    "GIVEN_NAME": Label("PERSON"),
    "SURNAME": Label("PERSON"),
    "BUILDING_NUMBER": Label("ADDRESS"),
    "STREET_NAME": Label("ADDRESS"),
    "SECONDARY_ADDRESS": Label("ADDRESS"),
    "CITY": Label("LOCATION", kept_apart=True),
    "STATE": Label("LOCATION", kept_apart=True),
    "ZIP_CODE": Label("LOCATION", kept_apart=True),
    "EMAIL": Label("EMAIL_ADDRESS", ceiling=HINT),
    "PHONE": Label("PHONE_NUMBER", ceiling=HINT),
    "URL": Label("URL", ceiling=HINT),
    "TAX_ID": Label("NATIONAL_ID", ceiling=HINT),
    "GOVERNMENT_ID": Label("NATIONAL_ID", ceiling=HINT),
    "BANK_ACCOUNT": Label("BANK_ACCOUNT", ceiling=HINT),
    "ROUTING_NUMBER": Label("US_BANK_NUMBER", ceiling=HINT),
    "PASSPORT": Label("US_PASSPORT", ceiling=HINT),
    "DRIVERS_LICENSE": Label("US_DRIVER_LICENSE", ceiling=HINT),
}

GAPS: Mapping[str, re.Pattern[str]] = {
    "PERSON": re.compile(r"[^\S\n]*|[-'\u2019]|\.[^\S\n]*"),
    "ADDRESS": re.compile(r"[\s,.#/]{0,4}|-"),
}
ANY_GAP = re.compile(r"[^\S\n]*|[-'\u2019./:@]")
EDGES = " \t\r\n.,;:!?\"'\u2019()[]{}<>|/*-_"


class Said(Struct, frozen=True):
    """`text[start:end]` is a word that the model gave this label."""

    start: int
    end: int
    label: str
    score: float


def spans(text: str, said: Iterable[Said], recognizer: str) -> list[Span]:
    """Words of one kind with nothing of weight between them are one span."""
    # Where windows overlap, a word is judged twice: the surer judgement counts.
    judged = {word.start: word for word in sorted(said, key=lambda each: each.score)}
    found = list[Span]()
    group = list[Said]()
    for _, word in sorted(judged.items()):
        if group and not _continues(text, group[-1], word):
            found += _span(text, group, recognizer)
            group = []
        group.append(word)
    return found + _span(text, group, recognizer)


def _continues(text: str, last: Said, word: Said) -> bool:
    kind = LABELS[word.label]
    if LABELS[last.label].type != kind.type or (kind.kept_apart and word.label != last.label):
        return False
    return GAPS.get(kind.type, ANY_GAP).fullmatch(text, last.end, word.start) is not None


def _span(text: str, group: list[Said], recognizer: str) -> list[Span]:
    if not group:
        return []
    start, end = group[0].start, max(word.end for word in group)
    kind = LABELS[group[0].label]
    start += len(text[start:end]) - len(text[start:end].lstrip(EDGES))
    end = start + len(text[start:end].rstrip(EDGES))
    score = min(kind.ceiling, sum(word.score for word in group) / len(group))
    return [Span(start, end, kind.type, round(score, 3), recognizer)] if start < end else []
