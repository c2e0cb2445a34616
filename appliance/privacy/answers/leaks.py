"""What an engine says that its caller did not bring: invented, or learnt elsewhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from appliance.privacy.answers.restorer import Restorer
from appliance.privacy.answers.supplied import Supplied
from appliance.privacy.placeholder import Placeholders, Reach, spelled
from appliance.privacy.policy import Policy
from appliance.privacy.record import RECORD
from appliance.privacy.scanning.strays import Strays, with_strays
from appliance.privacy.span import Span

LEFT_OVER = 4
"""Letters and digits beside a placeholder that are worth to be masked."""


class Search(Protocol):
    def __call__(self, text: str, label: str = "") -> Sequence[Span]:
        """What is personal in a text that stands under the name `label`."""


class Leaks:
    """The leaks of the answers to one request."""

    def __init__(self, search: Search, policy: Policy, placeholders: Placeholders, supplied: Supplied) -> None:
        self._search = search
        self._policy = policy
        self.supplied = supplied
        self._known = Restorer(placeholders, Reach.NOWHERE)
        self._brought: dict[str, bool] = {}
        self.counts: Counter[str] = Counter()

    @property
    def end_answers(self) -> bool:
        return self._policy.answers == "stop"

    def find(self, text: str, label: str = "", seen: Strays = ()) -> list[Span]:
        """Sorted, none overlapping another. `seen` are leaks of before, which are leaks wherever they stand."""
        places = list(self._known.places(text))
        spans = with_strays(text, self._search(text, label), seen)
        return [part for span in spans if self._leaks(text, span) for part in _beside(text, span, places)]

    def tell(self, kind: str, value: str) -> str:
        """What the caller reads in place of a leak. Square brackets, because a browser hides `<PERSON>`; and without
        a digest nothing takes it for a placeholder."""
        self.counts[kind] += 1
        instead = self._policy.instead(kind, value)
        return f"[{spelled(kind)}]" if instead is None else instead

    def _leaks(self, text: str, span: Span) -> bool:
        # Who brought the record knows it in every form.
        if span.recognizer == RECORD or self._policy.action(span.type) == "keep":
            return False
        value = text[span.start : span.end]
        brought = self._brought.get(value)
        if brought is None:
            brought = self._brought[value] = self.supplied.holds(value)
        return not brought


def _beside(text: str, span: Span, places: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """The span without the placeholders in it."""
    at = span.start
    inside = [place for place in places if place[0] < span.end and place[1] > span.start]
    for start, end in (*inside, (span.end, span.end)):
        if start > at and (not inside or sum(map(str.isalnum, text[at:start])) >= LEFT_OVER):
            yield Span(at, start, span.type, span.score, span.recognizer)
        at = max(at, end)
