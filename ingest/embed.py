"""The seam to what makes vectors. `inference` satisfies it; `api` introduces them."""

from collections.abc import Sequence
from typing import Protocol

from ingest.index import Vector, Vectors


class Embedder(Protocol):
    name: str
    """The model and its build: vectors of two names are not compared."""
    dimensions: int

    async def passages(self, texts: Sequence[str]) -> Vectors:
        """Of length 1 each, in their order."""
        ...

    async def question(self, text: str) -> Vector: ...

    def tokens(self, text: str) -> list[int]:
        """The offset in `text` at which each token begins: a passage is cut where the embedder counts."""
        ...

    @property
    def limit(self) -> int:
        """Tokens of the longest text that is read whole."""
        ...
