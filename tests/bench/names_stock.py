"""Runs in stock Presidio's environment: for each JSON line of texts a line with what it finds, and its seconds."""

import json
import logging
import sys
from time import perf_counter

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from privacy_stock import MODEL


def main() -> None:
    logging.disable(logging.CRITICAL)
    engine = SpacyNlpEngine(models=MODEL)
    engine.load()
    analyzer = AnalyzerEngine(nlp_engine=engine)
    for line in sys.stdin:
        texts, found = json.loads(line), []
        began = perf_counter()
        for text in texts:
            found.append([(each.entity_type, each.start, each.end) for each in analyzer.analyze(text, "en")])
        print(json.dumps([found, perf_counter() - began]), flush=True)


if __name__ == "__main__":
    main()
