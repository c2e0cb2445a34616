"""The shape of a model, and how many parameters follow from it. Pure."""

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=10**13)]
Size = Annotated[int, Meta(ge=1, le=10**13)]


class Architecture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the model's published config gives it."""

    kind: Literal["decoder", "encoder", "speech"]
    layers: Size
    """Of a speech model: of its encoder."""
    hidden: Size
    intermediate: Size
    """Of the feed-forward part; of one expert where there are experts."""
    heads: Size
    kv_heads: Size
    head_size: Size
    vocabulary: Size
    tied: bool = False
    """The output shares the weights of the embedding."""
    qk_norm: bool = False
    experts: Count = 0
    active_experts: Count = 0
    shared_intermediate: Count = 0
    """Of the feed-forward part that every token passes beside its experts."""
    window: Count = 0
    """Tokens that a layer with a sliding window, or with chunks, can look back on."""
    window_layers: Count = 0
    latent: Count = 0
    """Numbers that multi-head latent attention keeps of a token in each layer, in place of keys and values."""
    positions: Count = 0
    token_types: Count = 0
    pooler: bool = False
    labels: Count = 0
    decoder_layers: Count = 0
    bands: Count = 0
    """Of a speech model: the mel bands that it hears."""
    vision: Count = 0
    """Parameters beside the language model, which no build quantises."""


class Parameters(NamedTuple):
    """Counted by what a quantised build does to them: it shrinks `linear` and leaves the rest."""

    embedding: int
    output: int
    linear: int
    other: int
    active: int
    """Those of `linear` that one token passes."""

    @property
    def total(self) -> int:
        return self.embedding + self.output + self.linear + self.other


def count(arch: Architecture) -> Parameters:
    return {"decoder": _decoder, "encoder": _encoder, "speech": _speech}[arch.kind](arch)


def _decoder(arch: Architecture) -> Parameters:
    hidden = arch.hidden
    attention = hidden * arch.head_size * (2 * arch.heads + 2 * arch.kv_heads)
    expert = 3 * hidden * arch.intermediate
    shared = 3 * hidden * arch.shared_intermediate
    linear = arch.layers * (attention + shared + expert * (arch.experts or 1))
    active = arch.layers * (attention + shared + expert * (arch.active_experts or 1))
    norms = 2 * hidden + (2 * arch.head_size if arch.qk_norm else 0)
    other = arch.layers * (norms + arch.experts * hidden) + hidden + arch.vision
    embedding = arch.vocabulary * hidden
    return Parameters(embedding, 0 if arch.tied else embedding, linear, other, active)


def _encoder(arch: Architecture) -> Parameters:
    hidden, inner = arch.hidden, arch.intermediate
    linear = arch.layers * (4 * hidden * hidden + 2 * hidden * inner)
    biases = arch.layers * (4 * hidden + inner + hidden + 4 * hidden)
    head = (hidden * hidden + hidden) * (arch.pooler or arch.labels > 0) + arch.labels * (hidden + 1)
    embedding = (arch.vocabulary + arch.positions + arch.token_types + 2) * hidden
    return Parameters(embedding, 0, linear, biases + head, linear)


def _speech(arch: Architecture) -> Parameters:
    hidden, inner = arch.hidden, arch.intermediate
    attention, biases, norm = 4 * hidden * hidden, 3 * hidden, 2 * hidden
    feed, feed_biases = 2 * hidden * inner, inner + hidden
    linear = arch.layers * (attention + feed) + arch.decoder_layers * (2 * attention + feed)
    small = arch.layers * (biases + feed_biases + 2 * norm)
    small += arch.decoder_layers * (2 * biases + feed_biases + 3 * norm)
    ears = 3 * arch.bands * hidden + hidden + 3 * hidden * hidden + hidden + SPEECH_POSITIONS * hidden
    embedding = (arch.vocabulary + arch.positions) * hidden
    return Parameters(embedding, 0, linear, small + 2 * norm + ears, linear)


SPEECH_POSITIONS = 1500
"""Thirty seconds of sound: what the encoder of a speech model hands its decoder."""
