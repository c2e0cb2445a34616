"""People, places and organizations by a model that stands on this machine."""

from pathlib import Path

import spacy
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpEngine, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import GLiNERRecognizer, HuggingFaceNerRecognizer, SpacyRecognizer

from appliance.errors import ConfigError
from appliance.privacy.presidio.analyzer import Analyzer, PresidioFinder

ENTITIES = ("PERSON", "LOCATION", "ORGANIZATION")
NOT_FOR_NAMES = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer")
ASKED_OF_GLINER = {"person": "PERSON", "location": "LOCATION", "organization": "ORGANIZATION"}


def open_names(setting: str, *, deadline_seconds: float = 5.0) -> PresidioFinder:
    """`spacy:<package or folder>`, `gliner:<folder>` or `transformers:<folder>`; nothing is ever downloaded."""
    kind, _, place = setting.partition(":")
    makers = {"spacy": _spacy, "gliner": _gliner, "transformers": _transformers}
    if kind not in makers or not place:
        raise ConfigError(
            f"'{setting}' is no model for names. Write spacy:<package or folder>, gliner:<folder> or "
            "transformers:<folder>."
        )
    try:
        recognizer, engine = makers[kind](place)
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"The model {setting} cannot be loaded: {error}. Check the folder, and that {kind} is installed beside "
            "Ringfence."
        ) from error
    return PresidioFinder(Analyzer([recognizer], engine=engine, deadline_seconds=deadline_seconds), ENTITIES)


def _spacy(place: str) -> tuple[EntityRecognizer, NlpEngine | None]:
    # Checked first, because Presidio downloads a model that is missing.
    if not spacy.util.is_package(place):
        _folder(place)
    ignored = NerModelConfiguration(labels_to_ignore=("CARDINAL", "ORDINAL", "QUANTITY", "PERCENT", "MONEY"))
    engine = SpacyNlpEngine([{"lang_code": "en", "model_name": place}], ignored)
    engine.load()
    for nlp in engine.nlp.values():
        for pipe in NOT_FOR_NAMES:
            if pipe in nlp.pipe_names:
                nlp.disable_pipe(pipe)
    return SpacyRecognizer(supported_entities=list(ENTITIES)), engine


def _gliner(place: str) -> tuple[EntityRecognizer, NlpEngine | None]:
    model = _folder(place)
    return GLiNERRecognizer(model_name=model, entity_mapping=ASKED_OF_GLINER, local_files_only=True), None


def _transformers(place: str) -> tuple[EntityRecognizer, NlpEngine | None]:
    return HuggingFaceNerRecognizer(model_name=_folder(place), supported_entities=list(ENTITIES)), None


def _folder(place: str) -> str:
    if not Path(place).is_dir():
        raise ConfigError(f"{place} is no folder with a model. Copy the model there; nothing is downloaded.")
    return place
