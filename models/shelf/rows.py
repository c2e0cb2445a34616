"""A row of the shelf: what a model is, where its weights are, and how vLLM must be told to serve it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from models.shelf.architecture import Architecture, Count, Size, count

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
Text = Annotated[str, Meta(min_length=1, max_length=400)]
Purpose = Literal["chat", "guard", "embeddings", "rerank", "speech"]
Precision = Literal["bf16", "fp8", "int4"]

# Of one linear weight. Int4 carries a 16-bit scale for each group, and AWQ and GPTQ a 4-bit zero beside it.
GROUP = 128
BITS = {"bf16": 16.0, "fp8": 8.0, "int4": 4 + (16 + 4) / GROUP}
KEPT_BYTES = 2
"""Of each parameter that a build leaves as it is."""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a shelf file."""


class Build(Row, frozen=True, kw_only=True):
    """Weights of the model in one precision."""

    precision: Precision
    repository: Text
    """On the model hub."""
    bytes: Size
    """What the weights take in the memory of the GPUs, all together."""
    method: Literal["", "awq", "gptq", "compressed-tensors"] = ""


class Sampling(Row, frozen=True, kw_only=True):
    """What its makers recommend."""

    temperature: Annotated[float, Meta(ge=0, le=2)]
    top_p: Annotated[float, Meta(gt=0, le=1)] = 1.0


class Embedding(Row, frozen=True, kw_only=True):
    dimensions: Size
    least_dimensions: Count = 0
    """Vectors may be cut to this many; 0: they may not be cut."""
    query: str = ""
    """What stands before a question."""
    passage: str = ""


class Model(Row, frozen=True, kw_only=True):
    name: Name
    purpose: Purpose
    about: Text
    good_for: Text
    licence: Text
    gated: bool = False
    """The hub hands the weights out only to an account that accepted the licence."""
    terms: str = ""
    """What of the licence an ISP must know."""
    context: Size
    architecture: Architecture
    builds: Annotated[tuple[Build, ...], Meta(min_length=1)]
    tool_parser: str = ""
    template: str = ""
    """In `models/templates`: vLLM does not carry the ones for tools."""
    tokenizer_mode: Literal["", "mistral"] = ""
    overrides: str = ""
    """JSON for vLLM's `--hf-overrides`."""
    sampling: Sampling | None = None
    embedding: Embedding | None = None

    @property
    def parameters(self) -> int:
        return count(self.architecture).total


def weight_bytes(arch: Architecture, precision: Precision) -> int:
    """What the weights take by the arithmetic of their precision."""
    parts = count(arch)
    kept = parts.embedding + parts.output + parts.other
    return round(parts.linear * BITS[precision] / 8) + kept * KEPT_BYTES
