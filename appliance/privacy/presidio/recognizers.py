"""Recognizers for Presidio's registry: ours, and those that users describe in Presidio's YAML."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult, RemoteRecognizer
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import ner, nlp_engine_recognizers, third_party
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider
from presidio_analyzer.recognizer_registry.recognizers_loader_utils import (
    PredefinedRecognizerNotFoundError,
    RecognizerConfigurationLoader,
    RecognizerListLoader,
)

from appliance.errors import ConfigError
from appliance.privacy.presidio.quiet import hush
from appliance.privacy.span import Span

Find = Callable[[str], Iterable[Span]]


class OurRecognizer(EntityRecognizer):
    """Everything that Ringfence finds, as one recognizer. Context and checks are already in the scores."""

    def __init__(self, find: Find, types: Sequence[str], language: str = "en") -> None:
        self._find = find
        super().__init__(supported_entities=list(types), supported_language=language, name="Ringfence")

    def load(self) -> None:
        return

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        wanted = frozenset(entities)
        return [self._result(each) for each in self._find(text) if each.type in wanted]

    def _result(self, span: Span) -> RecognizerResult:
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: span.recognizer,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult(span.type, span.start, span.end, span.score, recognition_metadata=metadata)


def read_recognizers(file: Path) -> list[EntityRecognizer]:
    """What a YAML file of Presidio's describes. One that would send text out, or download a model, is refused."""
    hush()
    if not file.is_file():
        raise ConfigError(f"{file} is not there. Give the path of a YAML file with Presidio's recognizers.")
    try:
        described = RecognizerConfigurationLoader.get(conf_file=file)
        for each in described["recognizers"]:
            _stays_inside(each, file)
        described.setdefault("supported_languages", _languages(described["recognizers"]))
        registry = RecognizerRegistryProvider(registry_configuration=described).create_recognizer_registry()
    except (ValueError, TypeError, KeyError, ImportError, PredefinedRecognizerNotFoundError) as error:
        raise ConfigError(f"{file} does not describe recognizers of Presidio's: {error}. Correct the file.") from error
    if not registry.recognizers:
        raise ConfigError(f"{file} enables no recognizer. Enable one, or leave the setting out.")
    return list(registry.recognizers)


def _languages(described: Iterable[Mapping[str, Any] | str]) -> list[str]:
    """Those that the recognizers name: Presidio drops a recognizer whose language the file does not list on top."""
    each = [one for one in described if isinstance(one, Mapping)]
    return sorted({one["supported_language"] for one in each if one.get("supported_language")}) or ["en"]


def _stays_inside(described: Mapping[str, Any] | str, file: Path) -> None:
    if isinstance(described, str) or described.get("type") != "predefined":
        return
    if not RecognizerListLoader.is_recognizer_enabled(described):
        return
    name = RecognizerListLoader.get_recognizer_name(described)
    kind = RecognizerListLoader.get_existing_recognizer_cls(name)
    if issubclass(kind, RemoteRecognizer) or kind.__module__.startswith(third_party.__name__):
        raise ConfigError(f"{file}: {name} sends text to another service. Remove it, or set `enabled: false`.")
    models = (ner.__name__, nlp_engine_recognizers.__name__)
    if kind.__module__.startswith(models):
        raise ConfigError(f"{file}: {name} needs a model. Remove it, and name the model in `privacy.names`.")
