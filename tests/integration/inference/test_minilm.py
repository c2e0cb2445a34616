"""The embedder's vectors are those of the model it was made from."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.errors import InvalidRequest
from inference.llamacpp import LlamaCpp
from tests.integration.inference.asking import call
from tests.peers.llamacpp import LlamaServer

REFERENCE = json.loads((Path(__file__).parents[2] / "fixtures" / "minilm_reference.json").read_text())["rows"]
MODEL = "all-minilm-l6-v2"


@pytest.fixture
async def embedder(llama_embedder: LlamaServer) -> AsyncIterator[LlamaCpp]:
    client = llama_embedder.client()
    yield client
    await client.close()


async def vectors(embedder: LlamaCpp, inputs: Any) -> list[np.ndarray]:
    chunk = await embedder.embed(call("embeddings", MODEL, {"input": inputs, "encoding_format": "base64"}))
    return [unpacked(row["embedding"]) for row in json.loads(chunk.raw)["data"]]


def unpacked(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


async def test_every_vector_points_where_the_reference_points(embedder: LlamaCpp):
    found = await vectors(embedder, [row["text"] for row in REFERENCE])
    for row, vector in zip(REFERENCE, found, strict=True):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
        assert float(vector @ unpacked(row["vector"])) >= 0.9999, row["text"][:60]


async def test_texts_are_cut_into_the_reference_s_tokens(embedder: LlamaCpp):
    for row in REFERENCE:
        told = await embedder.tokenize(call("tokenize", MODEL, {"prompt": row["text"]}))
        assert json.loads(told.raw)["count"] == row["tokens"]


async def test_alone_or_in_company_a_text_has_the_same_vector(embedder: LlamaCpp):
    texts = [row["text"] for row in REFERENCE[:4]]
    together = await vectors(embedder, texts)
    for text, vector in zip(texts, together, strict=True):
        (alone,) = await vectors(embedder, text)
        assert float(alone @ vector) >= 0.99999


async def test_tokens_are_taken_as_they_are(embedder: LlamaCpp):
    text = REFERENCE[0]["text"]
    tokens = json.loads((await embedder.tokenize(call("tokenize", MODEL, {"prompt": text}))).raw)["tokens"]
    (spoken,) = await vectors(embedder, text)
    for inputs in (tokens, [tokens]):
        (counted,) = await vectors(embedder, inputs)
        assert float(counted @ spoken) >= 0.99999


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": ["short", "word " * 600]}, "input"),
        ({"input": [[1037] * 600]}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", 3]}, "input"),
        ({"input": "a", "dimensions": 3}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
async def test_what_cannot_be_embedded_is_refused(embedder: LlamaCpp, body: Any, param: str):
    with pytest.raises(InvalidRequest) as refused:
        await embedder.embed(call("embeddings", MODEL, body))
    assert refused.value.param == param


async def test_its_own_size_may_be_named(embedder: LlamaCpp):
    chunk = await embedder.embed(call("embeddings", MODEL, {"input": "a", "dimensions": 384}))
    assert len(json.loads(chunk.raw)["data"][0]["embedding"]) == 384
