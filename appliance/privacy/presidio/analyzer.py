"""Presidio's analyzer made safe for a request, and what its recognizers find as spans."""

from collections.abc import Sequence
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine, SpacyNlpEngine
from spacy.tokens import Doc

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.presidio.clock import Clock
from appliance.privacy.presidio.context import Context
from appliance.privacy.presidio.quiet import hush
from appliance.privacy.span import Span

RECOGNIZER_NAME = RecognizerResult.RECOGNIZER_NAME_KEY


class Words(SpacyNlpEngine):
    """Tokens without a model, so that context words work and nothing is downloaded."""

    def __init__(self, languages: Sequence[str]) -> None:
        super().__init__(models=[{"lang_code": each, "model_name": ""} for each in languages])

    def load(self) -> None:
        self.nlp = {each["lang_code"]: spacy.blank(each["lang_code"]) for each in self.models}

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        # A blank pipeline has no lemmas, and without lemmas Presidio sees no context.
        return NlpArtifacts(
            entities=[],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=language,
        )


class Analyzer(AnalyzerEngine):
    """An AnalyzerEngine over these recognizers. It logs nothing, opens no socket, and what it cannot finish by the
    deadline it refuses."""

    def __init__(
        self,
        recognizers: Sequence[EntityRecognizer],
        *,
        engine: NlpEngine | None = None,
        deadline_seconds: float = 1.0,
    ) -> None:
        if not recognizers:
            raise ConfigError("Presidio was given no recognizers. Name at least one, or leave its setting out.")
        hush()
        self._clock = Clock()
        self._deadline = deadline_seconds
        languages = sorted({each.supported_language for each in recognizers})
        watched = [self._clock.watch(each) for each in recognizers]
        super().__init__(
            registry=RecognizerRegistry(watched, supported_languages=languages),
            nlp_engine=engine or Words(languages),
            supported_languages=languages,
            context_aware_enhancer=Context(),
        )

    def analyze(self, text: str, language: str = "en", *rest: Any, **named: Any) -> list[RecognizerResult]:
        self._clock.start(self._deadline)
        if named.get("ad_hoc_recognizers"):
            named["ad_hoc_recognizers"] = [self._clock.watch(each) for each in named["ad_hoc_recognizers"]]
        try:
            results: list[RecognizerResult] = super().analyze(text, language, *rest, **named)
        except PrivacyUnavailable:
            raise
        except Exception as error:
            # Its message may quote the text, so only its kind goes on.
            raise PrivacyUnavailable(
                f"A recognizer of Presidio's broke ({type(error).__name__}), so the text is refused. "
                "Try the recognizer alone with `ringfence privacy explain`."
            ) from None
        self._clock.check()
        return results


class PresidioFinder:
    """Recognizers of Presidio's as one more source of spans."""

    def __init__(self, analyzer: Analyzer, entities: Sequence[str] | None = None) -> None:
        self._analyzer = analyzer
        self._entities = list(entities) if entities else None

    @property
    def types(self) -> dict[str, list[str]]:
        """What can be found, and the names of those that find it."""
        found: dict[str, list[str]] = {}
        for each in self._analyzer.registry.recognizers:
            for kind in each.supported_entities:
                found.setdefault(kind, []).append(each.name)
        return found

    def find(self, text: str) -> list[Span]:
        found = {
            Span(each.start, each.end, each.entity_type, each.score, each.recognition_metadata[RECOGNIZER_NAME])
            for language in self._analyzer.supported_languages
            for each in self._analyzer.analyze(text, language, self._entities)
        }
        return sorted(found)
