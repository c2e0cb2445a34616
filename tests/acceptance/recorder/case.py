"""One request of the suite, and what must be true of it afterwards."""

from dataclasses import dataclass, field
from typing import Any

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
EMBEDDINGS = "/v1/embeddings"
TOKENIZE = "/tokenize"


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    body: dict[str, Any]
    secrets: tuple[str, ...]
    """Values that no byte may hold which the engine gets."""
    path: str = CHAT
    says: tuple[str, ...] | None = None
    """What the caller reads, choice by choice, to the letter."""
    thinks: str | None = None
    does: tuple[Any, ...] | None = None
    """The arguments of the calls, read as JSON."""
    back: tuple[str, ...] = ()
    """Values that stand in the answer,"""
    unseen: tuple[str, ...] = ()
    """and such that do not."""
    headers: dict[str, str] = field(default_factory=dict)


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def chat(model: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": user(text), **fields}
