"""What a model takes of each GPU under vLLM, and what is left for the requests. Pure.

vLLM takes `utilization` of a GPU's memory, loads the weights, runs one step at its limits to see what it takes at most,
counts what CUDA graphs will take, and gives the rest to the KV cache in blocks of 16 tokens. This is the same account,
made without a GPU; tests/unit/models/test_memory_published.py holds it against what vLLM logged on real ones.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from models.gpu import GIB, Gpu
from models.shelf.architecture import SPEECH_POSITIONS, Architecture, count
from models.shelf.rows import KEPT_BYTES, Build

Sampler = Literal["torch", "flashinfer"]

BLOCK = 16
HALF = 2
"""Bytes of a 16-bit number, which activations are."""

# One step holds of each token: what goes into a layer, what comes out, and copies for norms and rotations.
HIDDEN_COPIES = 6
# Choosing among all words holds the logits of each sequence in 32 bits, and copies: sorted, softened, summed, masked.
SAMPLING_COPIES: Mapping[Sampler, float] = {"torch": 9.7, "flashinfer": 4.0}
CONTEXT_BYTES = 0.1 * GIB
"""CUDA's, the kernels', and what else torch does not count."""
COLLECTIVE_BYTES = 0.45 * GIB
"""What GPUs hold to talk to each other."""
GRAPH_BYTES = 0.75 * GIB
LARGE_GPU = 70 * GIB


class Load(Struct, frozen=True, kw_only=True):
    """vLLM's limits, under which it measures itself."""

    utilization: float = 0.92
    batched_tokens: int = 2048
    sequences: int = 256
    cache_bytes: float = 2.0
    """Of a number in the KV cache: 2, or 1 in FP8."""
    graphs: bool = True
    """CUDA graphs are captured and counted, as since vLLM 0.21."""
    sampler: Sampler = "torch"
    """Which one vLLM will find it cannot be known before; torch's takes more."""
    adapter_slots: int = 0
    """LoRA adapters that have their place from the start, loaded or not."""
    adapter_rank: int = 16


class Split(Struct, frozen=True):
    """Over how many GPUs: each layer in `tensor` parts, the layers in `pipeline` stages."""

    tensor: int = 1
    pipeline: int = 1

    @property
    def gpus(self) -> int:
        return self.tensor * self.pipeline


class Ledger(Struct, frozen=True, kw_only=True):
    """Bytes of the fullest GPU."""

    total: int
    budget: int
    weights: int
    activations: int
    overhead: int
    """CUDA, collectives, graphs."""
    adapters: int = 0

    @property
    def needed(self) -> int:
        return self.weights + self.activations + self.overhead + self.adapters

    @property
    def cache(self) -> int:
        """Left for the KV cache; below 0, the model does not start."""
        return self.budget - self.needed


def default_load(gpu: Gpu, sequences: int = 256) -> Load:
    """The steps that vLLM chooses for such a GPU, and so many sequences at once."""
    is_large = gpu.total >= LARGE_GPU and not gpu.name.lower().startswith("a100")
    return Load(batched_tokens=8192 if is_large else 2048, sequences=sequences)


def ledger(arch: Architecture, build: Build, gpu: Gpu, split: Split, load: Load) -> Ledger:
    # With adapters vLLM captures each graph twice, for steps without any of them.
    graphs = GRAPH_BYTES * load.graphs * (1 + (load.adapter_slots > 0))
    overhead = CONTEXT_BYTES + COLLECTIVE_BYTES * (split.gpus > 1) + graphs
    return Ledger(
        total=gpu.total,
        budget=min(round(gpu.total * load.utilization), gpu.free),
        weights=weights(arch, build, split),
        activations=activations(arch, split, load),
        overhead=round(overhead),
        adapters=adapters(arch, split, load),
    )


def weights(arch: Architecture, build: Build, split: Split) -> int:
    """Of the stage that holds most: the layers are alike, the first one also embeds and the last one also speaks."""
    parts = count(arch)
    embedding, output = parts.embedding * KEPT_BYTES, (parts.output or parts.embedding * arch.tied) * KEPT_BYTES
    vision = arch.vision * KEPT_BYTES
    body = build.bytes - embedding - parts.output * KEPT_BYTES - vision
    if split.pipeline == 1:
        return round((body + embedding + parts.output * KEPT_BYTES) / split.tensor) + vision
    stage = body * -(-arch.layers // split.pipeline) / arch.layers
    return round(max(stage + embedding, stage + output) / split.tensor) + vision


def activations(arch: Architecture, split: Split, load: Load) -> int:
    """The most that one step holds: its layers at the most tokens, or its choice of words for the most sequences."""
    inner = 3 * (arch.intermediate * (arch.active_experts or 1) + arch.shared_intermediate) / split.tensor
    step = load.batched_tokens * HALF * (inner + HIDDEN_COPIES * arch.hidden)
    choice = load.sequences * arch.vocabulary * 4 * SAMPLING_COPIES[load.sampler] if speaks(arch) else 0
    return round(max(step, choice))


def adapters(arch: Architecture, split: Split, load: Load) -> int:
    """What the slots for adapters take: for each linear layer two thin matrices, of which vLLM cuts the one on the side
    where it cuts the layer. The embedding and the choice of words have them too, uncut."""
    if not load.adapter_slots:
        return 0
    heads, kv_heads = arch.heads / split.tensor, max(1, arch.kv_heads / split.tensor)
    attention = 4 * arch.hidden + (2 * heads + 2 * kv_heads) * arch.head_size
    feeds = [arch.intermediate] * (arch.experts or 1) + [arch.shared_intermediate] * (arch.shared_intermediate > 0)
    feed = sum(3 * arch.hidden + 3 * inner / split.tensor for inner in feeds)
    gate = (arch.hidden + arch.experts) * (arch.experts > 0)
    words = arch.vocabulary + arch.hidden
    layers = -(-arch.layers // split.pipeline)
    numbers = layers * (attention + feed + gate) + (2 if split.pipeline == 1 else 1) * words
    return round(load.adapter_slots * load.adapter_rank * numbers * HALF)


def speaks(arch: Architecture) -> bool:
    return arch.kind != "encoder"


def token_bytes(arch: Architecture, split: Split, load: Load) -> float:
    """What the cache keeps of one token in one layer, on one GPU. Heads that are too few to share are kept by all."""
    numbers = arch.latent or 2 * max(1, arch.kv_heads / split.tensor) * arch.head_size
    return numbers * load.cache_bytes


def request_bytes(arch: Architecture, split: Split, load: Load, tokens: int) -> float:
    """What one request of so many tokens takes of the cache of the fullest GPU."""
    each = token_bytes(arch, split, load)
    if arch.kind == "encoder":
        return 0.0
    if arch.kind == "speech":
        return each * arch.decoder_layers * (_blocks(tokens) + _blocks(SPEECH_POSITIONS))
    # A window slides on while a step adds its tokens.
    windowed = min(tokens, arch.window + load.batched_tokens)
    full = arch.layers - arch.window_layers
    share = -(-arch.layers // split.pipeline) / arch.layers
    return each * share * (full * _blocks(tokens) + arch.window_layers * _blocks(windowed))


def concurrency(arch: Architecture, split: Split, load: Load, cache: float, tokens: int) -> float:
    """How many requests of so many tokens the cache holds, as vLLM reports it."""
    taken = request_bytes(arch, split, load, tokens)
    return max(0.0, cache) / taken if taken else float("inf")


def longest(arch: Architecture, split: Split, load: Load, room: float) -> int:
    """The most tokens of a request that takes no more than this room; whole blocks."""
    low, high = 0, 1 << 24
    while low < high:
        middle = (low + high + 1) // 2
        if request_bytes(arch, split, load, middle * BLOCK) <= room:
            low = middle
        else:
            high = middle - 1
    return low * BLOCK


def _blocks(tokens: int) -> int:
    return -(-tokens // BLOCK) * BLOCK
