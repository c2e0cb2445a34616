"""The one seam to whatever produces tokens."""

from collections.abc import AsyncGenerator
from typing import Protocol

from appliance.settings import Place
from inference.messages import Call, Chunk, Health, ServedModel


class Engine(Protocol):
    """An engine raises `EngineUnavailable` when it did not take a call and `EngineFailed` when it broke one.

    `stream` yields at least one chunk; closing the generator frees the engine at once. A streaming answer
    always ends with a chunk that carries its usage, asked for or not: limits are settled by it.
    """

    name: str
    group: str
    """Engines of one group are the servers of one engine of the settings: they serve the same models."""
    place: Place
    """Where what it is given goes: it decides what it may be given."""

    def stream(self, call: Call) -> AsyncGenerator[Chunk, None]: ...

    async def embed(self, call: Call) -> Chunk: ...

    async def tokenize(self, call: Call) -> Chunk: ...

    async def detokenize(self, call: Call) -> Chunk: ...

    async def models(self) -> tuple[ServedModel, ...]: ...

    async def health(self) -> Health: ...

    async def close(self) -> None: ...
