"""How well what is personal is found, against texts of which somebody said where it is.

Pieces count together: a value is found where all the finds that lie on it overlap with it enough, and a find is
right where the values under it do. Overlap is what both have, as a share of what either has.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from appliance.errors import InvalidRequest
from appliance.privacy.span import Span

Find = Callable[[str], Sequence[Span]]

OVERLAPS = (0.7, 0.9)
MISSED = "(missed)"
NOTHING = "(nothing)"
_EXCERPT = 40
_SHOWN = 50
_SHOWN_OF_A_KIND = 5


class Marked(Struct, frozen=True):
    entity_type: str
    start_position: int
    end_position: int


class Sample(Struct, frozen=True):
    full_text: str
    spans: tuple[Marked, ...]


class Score(Struct, frozen=True):
    type: str
    marked: int
    found: int
    """Of the marked,"""
    told: int
    right: int
    """and of the told."""
    precision: float | None
    """None where nothing was told;"""
    recall: float | None
    """where nothing was marked;"""
    f2: float | None
    """where either."""


class AtOverlap(Struct, frozen=True):
    overlap: float
    blind: Score
    """Whatever the types,"""
    typed: Score
    """and with the right ones."""
    types: tuple[Score, ...]


class Confused(Struct, frozen=True):
    marked: str
    told: str
    count: int


class Miss(Struct, frozen=True):
    type: str
    covered: float
    excerpt: str


class Alarm(Struct, frozen=True):
    """A find where nothing was marked."""

    type: str
    recognizer: str
    score: float
    excerpt: str


class Report(Struct, frozen=True):
    samples: int
    characters: int
    at: tuple[AtOverlap, ...]
    confusion: tuple[Confused, ...]
    misses: tuple[Miss, ...]
    """The worst first, a few of each type."""
    alarms: tuple[Alarm, ...]
    """The surest first, a few of each recognizer."""


class Evaluation:
    """Add samples, then ask for the report."""

    def __init__(self, *, renamed: Mapping[str, str], ignored: Collection[str]) -> None:
        """`renamed` gives types of the texts the names that the finds have."""
        self._renamed = renamed
        self._ignored = ignored
        self._samples = self._characters = 0
        self._tallies = {(overlap, typed): _Tally() for overlap in OVERLAPS for typed in (False, True)}
        self._confusion: Counter[tuple[str, str]] = Counter()
        self._misses: dict[str, list[Miss]] = {}
        self._alarms: dict[str, list[Alarm]] = {}

    def add(self, sample: Sample, finds: Iterable[Span]) -> None:
        self._samples += 1
        self._characters += len(sample.full_text)
        marked = [each for each in map(self._as_span, sample.spans) if each.type not in self._ignored]
        told = [each for each in finds if each.type not in self._ignored]
        for (overlap, typed), tally in self._tallies.items():
            tally.add(marked, told, overlap, typed)
        self._confuse(marked, told)
        for each in marked:
            self._note_miss(sample.full_text, each, told)
        for each in told:
            if not _under(each, marked):
                self._note_alarm(sample.full_text, each)

    def report(self) -> Report:
        at = []
        for overlap in OVERLAPS:
            blind, typed = self._tallies[overlap, False], self._tallies[overlap, True]
            at.append(AtOverlap(overlap, blind.total("any"), typed.total("all"), tuple(typed.types())))
        confusion = tuple(Confused(*types, count) for types, count in self._confusion.most_common())
        misses = sorted((each for kept in self._misses.values() for each in kept), key=_covered)[:_SHOWN]
        alarms = sorted((each for kept in self._alarms.values() for each in kept), key=_unsure)[:_SHOWN]
        return Report(self._samples, self._characters, tuple(at), confusion, tuple(misses), tuple(alarms))

    def _as_span(self, marked: Marked) -> Span:
        kind = self._renamed.get(marked.entity_type, marked.entity_type)
        return Span(marked.start_position, marked.end_position, kind, 1.0, "marked")

    def _confuse(self, marked: Sequence[Span], told: Sequence[Span]) -> None:
        for each in marked:
            nearest = max(told, key=lambda one: _common(one, each), default=None)
            is_met = nearest is not None and _common(nearest, each) > 0
            self._confusion[each.type, nearest.type if nearest and is_met else MISSED] += 1

    def _note_miss(self, text: str, marked: Span, told: Sequence[Span]) -> None:
        covered = sum(_common(each, marked) for each in told) / max(1, marked.end - marked.start)
        if covered >= OVERLAPS[-1]:
            return
        kept = self._misses.setdefault(marked.type, [])
        kept.append(Miss(marked.type, round(covered, 2), _excerpt(text, marked)))
        kept.sort(key=_covered)
        del kept[_SHOWN_OF_A_KIND:]

    def _note_alarm(self, text: str, told: Span) -> None:
        self._confusion[NOTHING, told.type] += 1
        kept = self._alarms.setdefault(told.recognizer, [])
        kept.append(Alarm(told.type, told.recognizer, round(told.score, 2), _excerpt(text, told)))
        kept.sort(key=_unsure)
        del kept[_SHOWN_OF_A_KIND:]


def read(content: bytes) -> tuple[Sample, ...]:
    try:
        return msgspec.json.decode(content, type=tuple[Sample, ...])
    except msgspec.DecodeError as error:
        raise InvalidRequest(
            f'The texts cannot be read: {error}. Give a JSON list of {{"full_text": …, "spans": [{{"entity_type": …, '
            '"start_position": …, "end_position": …}]}.'
        ) from error


class _Tally:
    def __init__(self) -> None:
        self._marked: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def add(self, marked: Sequence[Span], told: Sequence[Span], overlap: float, typed: bool) -> None:
        found: set[Span] = set()
        right: set[Span] = set()
        for each in marked:
            pieces = _under(each, told, typed)
            if _share(each, pieces) >= overlap:
                found.add(each)
                right.update(pieces)
        for each in told:
            pieces = _under(each, marked, typed)
            if _share(each, pieces) >= overlap:
                right.add(each)
                found.update(pieces)
        for counter, spans in ((self._marked, marked), (self._found, found), (self._told, told), (self._right, right)):
            counter.update(each.type for each in spans)

    def total(self, name: str) -> Score:
        return _score(name, self._marked.total(), self._found.total(), self._told.total(), self._right.total())

    def types(self) -> Iterator[Score]:
        for name in sorted(self._marked.keys() | self._told.keys()):
            yield _score(name, self._marked[name], self._found[name], self._told[name], self._right[name])


def _score(name: str, marked: int, found: int, told: int, right: int) -> Score:
    precision = right / told if told else None
    recall = found / marked if marked else None
    f2 = None
    if precision is not None and recall is not None:
        f2 = 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0
    return Score(name, marked, found, told, right, precision, recall, f2)


def _common(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _under(span: Span, others: Iterable[Span], typed: bool = False) -> list[Span]:
    return [each for each in others if _common(span, each) and (each.type == span.type or not typed)]


def _share(span: Span, pieces: Sequence[Span]) -> float:
    common = sum(_common(span, each) for each in pieces)
    either = span.end - span.start + sum(each.end - each.start for each in pieces) - common
    return common / either if either else 0.0


def _covered(miss: Miss) -> float:
    return miss.covered


def _unsure(alarm: Alarm) -> float:
    return -alarm.score


def _excerpt(text: str, marked: Span) -> str:
    before = text[max(0, marked.start - _EXCERPT) : marked.start]
    value = text[marked.start : min(marked.end, marked.start + 2 * _EXCERPT)]
    after = text[marked.end : marked.end + _EXCERPT]
    return " ".join(f"{before}⟦{value}⟧{after}".split())
