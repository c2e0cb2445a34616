"""The nouns that pass between the API and an engine."""

from typing import Literal

from msgspec import Struct

from appliance.privacy.scrubbed import Scrubbed

Task = Literal["chat", "completions", "embeddings", "tokenize", "detokenize"]


class Call(Struct, frozen=True, kw_only=True):
    """What an engine is asked: one JSON body in OpenAI's shape, already checked and scrubbed."""

    task: Task
    model: str
    scrubbed: Scrubbed
    stream: bool = False
    salt: str | None = None
    """Keeps one tenant's prefix cache apart from another's."""
    request_id: str = ""
    traceparent: str = ""
    """Where the engine's spans belong; empty while nothing is traced."""

    @property
    def body(self) -> bytes:
        return self.scrubbed.body


class Usage(Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Chunk(Struct, frozen=True):
    """What arrived from an engine at one time.

    For a streaming call `raw` is one or more whole server-sent events (`data: {json}\\n\\n`), without the
    final `[DONE]`; otherwise it is the JSON body of the answer. `usage` is set on the chunk that carries it.
    """

    raw: bytes
    usage: Usage | None = None


class ToolCall(Struct, frozen=True):
    """A call, or with an empty `id` and `name` a further piece of its arguments."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


class Delta(Struct, frozen=True):
    """One step of an answer, for engines that are not spoken to in OpenAI's wire format."""

    content: str | None = None
    tool_call: ToolCall | None = None
    finish_reason: str | None = None


class Health(Struct, frozen=True):
    ready: bool
    reason: str = ""
    running: int = 0
    waiting: int = 0
    hung: bool = False
    """Not a look that failed: it answers, and for as long as is allowed no token came."""


class ServedModel(Struct, frozen=True):
    id: str
    created: int
    owned_by: str = "ringfence"
    context: int | None = None
    tasks: tuple[Task, ...] = ("chat", "completions")
