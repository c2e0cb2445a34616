"""What finds names, as the setting says."""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from appliance.errors import ConfigError, ModelError, PrivacyUnavailable
from appliance.privacy.detector import NameFinder
from appliance.privacy.span import Span

OFF = "off"
RAMPART = "rampart"


def chosen(setting: str, rampart: Path, deadline_seconds: float) -> "Later | None":
    """`off`, `rampart`, or `spacy:`, `gliner:`, `transformers:` and a place; `rampart` are the weights of the first."""
    if setting == OFF:
        return None
    return Later(lambda: _opened(setting, rampart, deadline_seconds))


def _opened(setting: str, rampart: Path, deadline_seconds: float) -> NameFinder:
    # Each brings a library that takes its time and memory, and only one of them is wanted.
    if setting == RAMPART:
        from appliance.privacy.names import open_rampart

        return open_rampart(rampart, deadline_seconds)
    try:
        from appliance.privacy.presidio.names import open_names
    except ImportError as error:
        raise ConfigError(
            f"`privacy.names` is {setting}, which needs Presidio. Install `ringfence[presidio]`, or set it to rampart."
        ) from error
    return open_names(setting, deadline_seconds=deadline_seconds)


class Later:
    """Opens a name finder when the first text comes, or when told to."""

    def __init__(self, open_finder: Callable[[], NameFinder]) -> None:
        self._open = open_finder
        self._opening = Lock()
        self._finder: NameFinder | None = None

    def find(self, text: str) -> Iterable[Span]:
        try:
            finder = self._finder or self.prepare()
        except (ConfigError, ModelError) as error:
            raise PrivacyUnavailable(f"Nothing can look for names: {error.message}") from error
        return finder.find(text)

    def prepare(self) -> NameFinder:
        with self._opening:
            if self._finder is None:
                self._finder = self._open()
            return self._finder
