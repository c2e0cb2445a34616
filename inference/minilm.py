"""The embedder that needs no engine: MiniLM in this process, on the CPU."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance import onnx
from appliance.errors import InvalidRequest
from appliance.wordpiece import WordPiece

NAME = "all-minilm-l6-v2-int8"
REMEDY = f"Fetch it with `ringfence models pull {NAME}`."
EDGES = 2
"""The tokens that begin and end every text."""

Vectors = NDArray[np.float32]


class MiniLM:
    """Weights and vocabulary in memory, and a thread for each processor that may be used.

    Each text runs alone: what stands beside it in a list neither pads nor changes it."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        self._model = onnx.load(weights, REMEDY)
        told = self._model.metadata
        self._words = WordPiece(told["vocabulary"].split("\n"), "NFD")
        self._longest = int(told["length"])
        self.name = told["name"]
        self.dimensions = int(told["dimensions"])
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="minilm")

    @property
    def limit(self) -> int:
        return self._longest - EDGES

    async def passages(self, texts: Sequence[str]) -> Vectors:
        loop = asyncio.get_running_loop()
        running = [loop.run_in_executor(self._threads, self._passage, text) for text in texts]
        try:
            rows = await asyncio.gather(*running)
        except BaseException:
            for each in running:
                each.cancel()
            raise
        return np.stack(rows) if rows else np.empty((0, self.dimensions), np.float32)

    async def question(self, text: str) -> Vectors:
        """Of a very long one only the beginning counts."""
        pieces = self._pieces(text)[: self.limit]
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, pieces)

    def tokens(self, text: str) -> list[int]:
        """A word of several tokens is never cut: all of them begin where it does."""
        return [word.start for word in self._words.words(text) for _ in word.pieces]

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _passage(self, text: str) -> Vectors:
        pieces = self._pieces(text)
        if len(pieces) > self.limit:
            raise InvalidRequest(f"A passage has {len(pieces)} tokens; the embedder reads {self.limit}. Split it.")
        return self._run(pieces)

    def _pieces(self, text: str) -> list[int]:
        return [piece for word in self._words.words(text) for piece in word.pieces]

    def _run(self, pieces: Sequence[int]) -> Vectors:
        (vector,) = self._model.run(np.array([[self._words.begin, *pieces, self._words.end]], np.int64))
        return np.asarray(vector, np.float32)
