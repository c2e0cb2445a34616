"""What finds beside the patterns, as the settings say: a model for names, recognizers of Presidio's."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import ConfigError
from appliance.privacy.people import namefinders
from appliance.privacy.people.namefinders import Later, Weights
from appliance.privacy.span import Span
from appliance.settings import Privacy

if TYPE_CHECKING:
    from appliance.privacy.presidio import PresidioFinder


class Finders:
    """Several as one."""

    def __init__(self, finders: Sequence[Later]) -> None:
        self._finders = finders

    def may_find(self, text: str) -> bool:
        """Whether to look takes long."""
        return any(each.may_name(text) for each in self._finders)

    def find(self, text: str) -> Iterator[Span]:
        for each in self._finders:
            yield from each.find(text)

    def prepare(self) -> None:
        for each in self._finders:
            each.prepare()


def finder_of(chosen: Privacy, rampart: Weights) -> Finders | None:
    """None: only patterns are wanted."""
    names = namefinders.chosen(chosen.names, rampart, chosen.deadline_seconds)
    finders = [names] if names else []
    if file := chosen.presidio.recognizers:
        finders.append(Later(lambda: _presidio(file, chosen.deadline_seconds)))
    return Finders(finders) if finders else None


def presidio_types(chosen: Privacy) -> Mapping[str, Sequence[str]]:
    """What recognizers of Presidio's find, and their names. Loads Presidio where the settings want it."""
    file = chosen.presidio.recognizers
    return _presidio(file, chosen.deadline_seconds).types if file else {}


def _presidio(file: Path, deadline_seconds: float) -> "PresidioFinder":
    try:
        from appliance.privacy.presidio import Analyzer, PresidioFinder, read_recognizers
    except ImportError as error:
        raise ConfigError(
            "privacy.presidio.recognizers needs Presidio. Install it: pip install 'ringfence[presidio]'.",
            param="privacy.presidio.recognizers",
        ) from error
    return PresidioFinder(Analyzer(read_recognizers(file), deadline_seconds=deadline_seconds))
