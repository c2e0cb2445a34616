"""The embedder's own work around the model: tokens, order, and what is too long."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import InvalidRequest, ModelError
from inference.minilm import MiniLM
from models import minilm
from tests.unit.models import tiny_bert


@pytest.fixture
def embedder(tmp_path: Path) -> Iterator[MiniLM]:
    minilm.convert(tiny_bert.write(tmp_path), tmp_path / "tiny.onnx", "tiny", "Apache-2.0")
    made = MiniLM(tmp_path / "tiny.onnx", threads=2)
    yield made
    made.close()


async def test_vectors_come_in_the_order_of_the_texts(embedder: MiniLM):
    texts = ["fibre", "the line is down", "lines", ""]
    together = await embedder.passages(texts)
    assert together.shape == (4, embedder.dimensions)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_array_equal(await embedder.question(text), vector)
    assert float(together[0] @ tiny_bert.vector([2, 5, 3])) >= 0.995


async def test_nothing_gives_nothing(embedder: MiniLM):
    assert (await embedder.passages([])).shape == (0, embedder.dimensions)


def test_each_token_has_the_place_of_its_word(embedder: MiniLM):
    assert embedder.tokens("Fibre  lines\nare cafe\u0301.") == [0, 7, 7, 13, 17, 22]


async def test_a_passage_is_read_whole_or_not_at_all(embedder: MiniLM):
    assert embedder.limit == tiny_bert.LONGEST - 2
    await embedder.passages(["down " * embedder.limit])
    with pytest.raises(InvalidRequest, match="15 tokens; the embedder reads 14"):
        await embedder.passages(["fibre", "down " * 15])


async def test_of_a_long_question_the_beginning_counts(embedder: MiniLM):
    (whole,) = await embedder.passages(["down " * embedder.limit])
    np.testing.assert_array_equal(await embedder.question("down " * 40), whole)


def test_a_file_that_is_no_model_is_told_with_a_remedy(tmp_path: Path):
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="ringfence models pull all-minilm-l6-v2-int8"):
        MiniLM(tmp_path / "x.onnx")
