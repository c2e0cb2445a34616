"""Vectors of MiniLM for sentences of the handbook, made once by the starter embedder: a quarter of an hour."""

import http.client
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from inference.local import engine_key, secret_file, socket_path
from tests.bench.handbook import Handbook
from tests.peers import llamacpp
from tests.peers.cache import Tell, kept
from tests.peers.llamacpp import LlamaServer

SENTENCES, QUESTIONS = 20_000, 500
SEED = 1
BATCH = 32
FILE = "vectors.npy"


def sentence_vectors(cache: Path, tell: Tell) -> Path:
    """A file of numpy's: the sentences first, then the questions."""
    return kept(cache, "handbook-vectors", f"{SEED}-{SENTENCES}", lambda folder: _make(folder, tell), tell) / FILE


def _make(folder: Path, tell: Tell) -> None:
    handbook = Handbook(SEED)
    texts = [handbook.sentence() for _ in range(SENTENCES)] + [handbook.question() for _ in range(QUESTIONS)]
    var = llamacpp.install(folder / "var", tell)
    with llamacpp.running(llamacpp.EMBEDDER, var, tell) as server:
        vectors = [vector for part in _parts(texts) for vector in _embedded(server, part)]
    np.save(folder / FILE, np.array(vectors, np.float32))


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _embedded(server: LlamaServer, texts: Sequence[str]) -> list[list[float]]:
    connection = http.client.HTTPConnection("engine")
    with socket.socket(socket.AF_UNIX) as connection.sock:
        connection.sock.connect(str(socket_path(server.settings.name, server.var)))
        key = engine_key(secret_file(server.var), server.settings.name)
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        connection.request("POST", "/v1/embeddings", json.dumps({"model": server.model, "input": texts}), headers)
        return [each["embedding"] for each in json.loads(connection.getresponse().read())["data"]]
