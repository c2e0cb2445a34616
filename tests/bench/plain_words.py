"""Writes `appliance/privacy/wordlists/plain.txt`: `python -m tests.bench.plain_words WEIGHTS`.

A word of the model's own vocabulary is plain when the model never marks it, wherever it stands.
"""

import sys
import textwrap
from pathlib import Path

import onnxruntime

from appliance.privacy.people import gate, names

PLACES = (
    "i asked {} about it .",
    "please call {} today .",
    "the new {} is not working",
    "we have a problem with {} since monday",
    "{} has been down",
    "they went to {} last week",
    "it is in {} , right ?",
)
TYPES = ("PERSON", "ADDRESS", "LOCATION")
SUSPICION = 0.05
HEAD = """\
# Words that Rampart (CC BY 4.0, National Design Studio) never takes for a name or a place, out of its own vocabulary;
# made by `python -m tests.bench.plain_words`.
"""


def is_marked(finder: names.Rampart, word: str) -> bool:
    for place in PLACES:
        start = place.index("{")
        found = (span for span in finder.find(place.format(word)) if span.type in TYPES)
        if any(span.start <= start < span.end for span in found):
            return True
    return False


def main(weights: Path) -> None:
    told = onnxruntime.InferenceSession(str(weights)).get_modelmeta().custom_metadata_map
    words = sorted(word for word in told["vocabulary"].split("\n") if word.isascii() and word.isalpha())
    finder = names.Rampart(weights, gate.Gate(gate.Words()), names.Care(threshold=SUSPICION))
    plain = [word for word in words if len(word) > 1 and not is_marked(finder, word)]
    plain = [word for word in plain if word not in gate.listed("homonyms")]
    target = Path(gate.__file__).parent / "wordlists" / "plain.txt"
    target.write_text(HEAD + textwrap.fill(" ".join(plain), 118) + "\n")
    print(f"{len(plain)} of {len(words)} words are plain")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
