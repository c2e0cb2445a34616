"""Presidio: our recognizers behind its interfaces, its users' recognizers, models and operators behind ours.

An extra, loaded late: with spaCy it takes 2.4 seconds and 100 MB to import, and nothing of it runs before a setting
names a recognizer, a model or an operator of Presidio's.
"""

from appliance.privacy.presidio.analyzer import Analyzer, PresidioFinder
from appliance.privacy.presidio.names import open_names
from appliance.privacy.presidio.operators import Anonymizer, Placeholder
from appliance.privacy.presidio.recognizers import OurRecognizer, read_recognizers

__all__ = [
    "Analyzer",
    "Anonymizer",
    "OurRecognizer",
    "Placeholder",
    "PresidioFinder",
    "open_names",
    "read_recognizers",
]
