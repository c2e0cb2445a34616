"""The embedder of this process points where the model points that it was made from."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.minilm import EDGES, MiniLM

ROWS = json.loads((Path(__file__).parents[2] / "fixtures" / "minilm_reference.json").read_text())["rows"]
# Nothing at all is never embedded, and is the one text whose vector turns further.
REFERENCE = [row for row in ROWS if row["text"]]


@pytest.fixture(scope="module")
def embedder(minilm_weights: Path) -> Iterator[MiniLM]:
    made = MiniLM(minilm_weights)
    yield made
    made.close()


async def test_every_vector_points_where_the_reference_points(embedder: MiniLM):
    found = await embedder.passages([row["text"] for row in REFERENCE])
    for row, vector in zip(REFERENCE, found, strict=True):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
        reference = np.frombuffer(base64.b64decode(row["vector"]), "<f4")
        assert float(vector @ reference) >= 0.99, row["text"][:60]


def test_texts_are_cut_into_the_reference_s_tokens(embedder: MiniLM):
    for row in ROWS:
        assert len(embedder.tokens(row["text"])) + EDGES == row["tokens"]
