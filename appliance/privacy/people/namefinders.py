"""What finds names, as the setting says."""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Lock

from msgspec import Struct

from appliance.errors import ConfigError, ModelError, PrivacyUnavailable
from appliance.privacy.people.gate import Gate, bundled
from appliance.privacy.scanning.detector import NameFinder
from appliance.privacy.span import Span

OFF = "off"
RAMPART = "rampart"
REMEDY = 'Fetch it with `ringfence models pull rampart`, or set `privacy.names = "off"`'


class Weights(Struct, frozen=True):
    file: Path = Path()
    sha256: str = ""


def chosen(setting: str, rampart: Weights, deadline_seconds: float) -> "Later | None":
    """`off`, `rampart`, or `spacy:`, `gliner:`, `transformers:` and a place; `rampart` are the weights of the first."""
    if setting == OFF:
        return None
    if setting == RAMPART:
        gate = bundled()
        return Later(partial(_rampart, rampart.file, gate, deadline_seconds), gate.passes, partial(_verify, rampart))
    return Later(partial(_presidio, setting, deadline_seconds))


def _rampart(weights: Path, gate: Gate, deadline_seconds: float) -> NameFinder:
    # It brings libraries of 30 MB, which a worker is spared until somebody is named.
    from appliance.privacy.people.names import Care, Rampart

    return Rampart(weights, gate, Care(seconds=deadline_seconds))


def _verify(weights: Weights) -> None:
    try:
        with weights.file.open("rb") as stream:
            is_whole = hashlib.file_digest(stream, "sha256").hexdigest() == weights.sha256
    except OSError as error:
        raise ModelError(
            f"{weights.file}: the model that finds names cannot be read: {error.strerror}. {REMEDY}."
        ) from error
    if not is_whole:
        raise ModelError(f"{weights.file} is not the model that finds names, or not all of it. {REMEDY}.")


def _presidio(setting: str, deadline_seconds: float) -> NameFinder:
    try:
        from appliance.privacy.presidio.names import open_names
    except ImportError as error:
        raise ConfigError(
            f"`privacy.names` is {setting}, which needs Presidio. Install `ringfence[presidio]`, or set it to rampart."
        ) from error
    return open_names(setting, deadline_seconds=deadline_seconds)


def always(_text: str) -> bool:
    return True


class Later:
    """A name finder that is opened when the first text comes that may hold a name.

    `prepare` tells at the start whether it can be: by `verify`, or by opening it where there is none."""

    def __init__(
        self,
        open_finder: Callable[[], NameFinder],
        may_name: Callable[[str], bool] = always,
        verify: Callable[[], None] | None = None,
    ) -> None:
        self.may_name = may_name
        self._open = open_finder
        self._verify = verify
        self._opening = Lock()
        self._finder: NameFinder | None = None

    def find(self, text: str) -> Iterable[Span]:
        if not self.may_name(text):
            return ()
        try:
            finder = self._finder or self._opened()
        except (ConfigError, ModelError) as error:
            raise PrivacyUnavailable(f"Nothing can look for names: {error.message}") from error
        return finder.find(text)

    def prepare(self) -> None:
        if self._verify:
            self._verify()
        else:
            self._opened()

    def _opened(self) -> NameFinder:
        with self._opening:
            if self._finder is None:
                self._finder = self._open()
            return self._finder
