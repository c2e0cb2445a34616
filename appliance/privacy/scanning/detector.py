"""All that is personal or secret in a text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from appliance.privacy.kinds import Kinds
from appliance.privacy.record import RECORD
from appliance.privacy.scanning.columns import Columns
from appliance.privacy.scanning.echoes import echoes
from appliance.privacy.scanning.harmless import Allowed, is_harmless
from appliance.privacy.scanning.overlaps import settled
from appliance.privacy.scanning.postal import joined
from appliance.privacy.scanning.terms import NOTHING, Terms
from appliance.privacy.scanning.views import find_in_views
from appliance.privacy.span import Span

DENIED = "denied"
EXACT = frozenset((RECORD, DENIED))
NOBODY = Terms(NOTHING, RECORD)


class TextScanner(Protocol):
    def scan(self, text: str) -> Sequence[Span]:
        """What patterns find."""


class NameFinder(Protocol):
    def find(self, text: str) -> Iterable[Span]:
        """Names of people and places."""


class Detector:
    """May be used by several threads if its name finder may."""

    def __init__(
        self,
        scanner: TextScanner,
        names: NameFinder | None,
        kinds: Kinds,
        *,
        allow: frozenset[str] = frozenset(),
        deny: Mapping[str, str] = NOTHING,
    ) -> None:
        """`deny` are values with their types; `allow` has values, and domains as `*.isp.net`."""
        self._scanner = scanner
        self._names = names
        self._kinds = kinds
        self._allowed = Allowed(allow)
        self._denied = Terms(deny, DENIED)
        self._columns = Columns()

    def find(self, text: str, record: Terms = NOBODY) -> tuple[Span, ...]:
        """Sorted, none overlapping another. `record` finds the customer's own values."""

        def scan(shown: str) -> list[Span]:
            return [*self._scanner.scan(shown), *self._denied.find(shown), *record.find(shown)]

        guessed = [*scan(text), *find_in_views(text, scan), *self._columns.find(text)]
        if self._names:
            guessed += self._names.find(text)
        found = [each for each in guessed if each.recognizer in EXACT or self._holds(text, each)]
        found += [*echoes(text, found)]
        return joined(text, settled(text, found, self._kinds.rank, EXACT))

    def _holds(self, text: str, span: Span) -> bool:
        if span.score < self._kinds.threshold(span.type) or is_harmless(text, span):
            return False
        return text[span.start : span.end] not in self._allowed
