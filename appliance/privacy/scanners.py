"""The scanners of a process. Tenants that chose the same share one, for each of the large ones takes 25 MB."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from appliance.errors import ConfigError
from appliance.privacy.choice import Choice
from appliance.privacy.patterns import patterns_for
from appliance.privacy.scanning.custom import build
from appliance.privacy.scanning.detector import TextScanner
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span
from appliance.settings import Recognizer

MOST_REGIONS = 8
"""Lists of regions, each of which needs a large scanner."""


class Joined:
    """Several scanners as one."""

    def __init__(self, scanners: Sequence[Scanner]) -> None:
        self._scanners = scanners

    def scan(self, text: str) -> list[Span]:
        return [span for each in self._scanners for span in each.scan(text)]


class Scanners:
    """Our patterns and those of tenants stand apart: a new recognizer then takes milliseconds to compile."""

    def __init__(self, choices: Sequence[Choice], *, deadline_seconds: float, floor: Callable[[str], float]) -> None:
        """Tries the examples of the tenants' recognizers."""
        regions = {each.regions for each in choices}
        if len(regions) > MOST_REGIONS:
            raise ConfigError(
                f"Tenants have {len(regions)} different lists of phone_regions, and {MOST_REGIONS} are possible. "
                "Give some the same list.",
                param="privacy.tenants",
            )
        patterns = {custom: build(custom) for each in choices for custom in each.recognizers}

        def scanner(of: Sequence[Recognizer]) -> Scanner:
            return Scanner([patterns[each] for each in of], deadline_seconds=deadline_seconds, floor=floor)

        self._ours = {
            each: Scanner(patterns_for(each), deadline_seconds=deadline_seconds, floor=floor) for each in regions
        }
        self._theirs = {each.recognizers: scanner(each.recognizers) for each in choices if each.recognizers}

    def of(self, choice: Choice) -> TextScanner:
        ours = self._ours[choice.regions]
        return Joined([ours, self._theirs[choice.recognizers]]) if choice.recognizers else ours

    def prepare(self, folder: Path) -> None:
        """Takes many seconds where it was never done before."""
        for each in self._all():
            each.prepare(folder)

    def is_prepared(self, folder: Path) -> bool:
        return all(each.is_prepared(folder) for each in self._all())

    def close(self) -> None:
        for each in self._all():
            each.close()

    def _all(self) -> Iterator[Scanner]:
        yield from self._ours.values()
        yield from self._theirs.values()
