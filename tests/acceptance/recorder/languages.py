"""The same request in many languages."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.recorder.case import Case, chat
from tests.acceptance.recorder.shapes import filled
from tests.acceptance.recorder.values import Mint

TEXTS = Path(__file__).with_suffix(".txt")


def cases(mint: Mint, stream: bool) -> Iterator[Case]:
    for part in re.split(r"(?m)^=== ", TEXTS.read_text(encoding="utf-8"))[1:]:
        language, _, text = part.partition("\n")
        said, values = filled(text, mint)
        body = chat("plain", said, stream=stream)
        yield Case(name=f"{language}, stream={stream}", body=body, secrets=values, says=(said,))
