import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from models.gpu import GIB, Gpu
from models.memory import (
    Load,
    Split,
    activations,
    adapters,
    concurrency,
    default_load,
    ledger,
    longest,
    request_bytes,
    weights,
)
from models.shelf import Architecture, Build, shelf
from models.shelf.rows import weight_bytes

KIB = 1024
LLAMA = shelf()["llama-3.1-8b-instruct"]
SCOUT = shelf()["llama-4-scout-17b-16e-instruct"]
ONE = Split()


def gpu(gib: float, free: float | None = None) -> Gpu:
    return Gpu(name="g", total=round(gib * GIB), free=round((gib if free is None else free) * GIB))


def build(arch: Architecture) -> Build:
    return Build(precision="bf16", repository="-", bytes=weight_bytes(arch, "bf16"))


@pytest.mark.parametrize(
    ("name", "kib"),
    [
        ("llama-3.1-8b-instruct", 128),
        ("llama-3.3-70b-instruct", 320),
        ("mistral-7b-instruct-v0.3", 128),
        ("mistral-small-3.2-24b-instruct", 160),
    ],
)
def test_a_token_takes_what_its_layers_and_kv_heads_keep(name: str, kib: int):
    assert request_bytes(shelf()[name].architecture, ONE, Load(), 16) == 16 * kib * KIB


def test_an_8_bit_cache_takes_half():
    arch = LLAMA.architecture
    assert request_bytes(arch, ONE, Load(cache_bytes=1), 999) * 2 == request_bytes(arch, ONE, Load(), 999)


def test_kv_heads_are_shared_among_gpus_until_each_has_one():
    arch, load = LLAMA.architecture, Load()
    eighth = request_bytes(arch, Split(8), load, 4096)
    assert eighth * 8 == request_bytes(arch, ONE, load, 4096)
    assert request_bytes(arch, Split(16), load, 4096) == eighth


def test_slots_for_adapters_take_what_vllm_was_seen_to_make():
    """SmolLM2-135M in vLLM 0.32 with `--max-loras 2 --max-lora-rank 64`: 51,806,208 numbers in all `lora_*_stacked`."""
    arch = Architecture(
        kind="decoder", layers=30, hidden=576, intermediate=1536, heads=9, kv_heads=3, head_size=64, vocabulary=49152,
        tied=True,
    )  # fmt: skip
    assert adapters(arch, ONE, Load(adapter_slots=2, adapter_rank=64)) == 51_806_208 * 2


def test_slots_for_adapters_grow_with_each_of_them_and_are_part_of_the_account():
    load = Load(adapter_slots=4, adapter_rank=32)
    one = adapters(LLAMA.architecture, ONE, Load(adapter_slots=1, adapter_rank=16))
    assert adapters(LLAMA.architecture, ONE, Load()) == 0
    assert adapters(LLAMA.architecture, ONE, load) == 8 * one
    assert adapters(LLAMA.architecture, Split(4), load) < 8 * one
    without, taught = (ledger(LLAMA.architecture, LLAMA.builds[0], gpu(48), ONE, each) for each in (Load(), load))
    graphs = taught.overhead - without.overhead
    assert graphs > 0
    assert without.cache - taught.cache == 8 * one + graphs


def test_every_expert_has_its_part_of_an_adapter():
    arch = shelf()["mixtral-8x7b-instruct-v0.1"].architecture
    load = Load(adapter_slots=1)
    dense = structs.replace(arch, experts=0, active_experts=0)
    assert adapters(arch, ONE, load) > 5 * adapters(dense, ONE, load)


def test_the_latent_of_mla_is_kept_whole_by_every_gpu():
    """DeepSeek-V2-Lite: 512 + 64 numbers in 27 layers."""
    arch = structs.replace(LLAMA.architecture, layers=27, latent=576)
    assert request_bytes(arch, ONE, Load(), 16) == 16 * 31_104
    assert request_bytes(arch, Split(4), Load(), 16) == 16 * 31_104


def test_a_layer_with_a_window_forgets():
    arch = structs.replace(LLAMA.architecture, window=4096, window_layers=32)
    load = Load(batched_tokens=2048)
    assert request_bytes(arch, ONE, load, 100_000) == request_bytes(arch, ONE, load, 4096 + 2048)
    assert request_bytes(arch, ONE, load, 1000) == request_bytes(LLAMA.architecture, ONE, load, 1000)


def test_scout_keeps_a_long_document_in_a_quarter_of_its_layers():
    arch, load = SCOUT.architecture, Load(batched_tokens=8192)
    added = request_bytes(arch, ONE, load, 1_000_000) - request_bytes(arch, ONE, load, 100_000)
    assert added == 12 * 900_000 * 2 * 8 * 128 * 2


def test_an_encoder_keeps_nothing_and_a_speech_model_its_sound():
    assert request_bytes(shelf()["bge-m3"].architecture, ONE, Load(), 8192) == 0
    turbo = shelf()["whisper-large-v3-turbo"].architecture
    assert request_bytes(turbo, ONE, Load(), 448) == 4 * 2 * 1280 * 2 * (448 + 1504)


def test_stages_share_the_layers_and_the_fullest_counts():
    arch = structs.replace(LLAMA.architecture, layers=30)
    assert request_bytes(arch, Split(1, 4), Load(), 16) == request_bytes(arch, ONE, Load(), 16) * 8 / 30
    body, ends = weights(arch, build(arch), ONE), 2 * 128_256 * 4096
    halved = weights(arch, build(arch), Split(1, 2))
    assert halved == pytest.approx((body - 2 * ends) / 2 + ends)


@given(st.sampled_from([model for model in shelf().values() if model.architecture.kind == "decoder"]), st.data())
def test_a_split_saves_memory_and_never_more_than_its_part(model, data):
    arch = model.architecture
    split = Split(data.draw(st.sampled_from([1, 2, 4, 8])), data.draw(st.integers(1, 4)))
    whole, part = weights(arch, build(arch), ONE), weights(arch, build(arch), split)
    assert whole / split.gpus <= part <= whole


def test_the_step_is_what_takes_more_its_layers_or_its_choice_of_words():
    arch = LLAMA.architecture
    few, many = Load(sequences=1), Load(sequences=1024)
    assert activations(arch, ONE, few) == 2048 * 2 * (3 * 14_336 + 6 * 4096)
    assert activations(arch, ONE, many) == pytest.approx(1024 * 128_256 * 4 * 9.7)
    assert activations(arch, Split(8), many) == activations(arch, ONE, many)
    assert activations(shelf()["bge-m3"].architecture, ONE, many) < 1 << 27


def test_vllm_never_takes_what_another_holds():
    arch = LLAMA.architecture
    busy = ledger(arch, build(arch), gpu(80, free=20), ONE, Load(utilization=0.5))
    alone = ledger(arch, build(arch), gpu(80), ONE, Load(utilization=0.5))
    assert (busy.budget, alone.budget) == (20 * GIB, 40 * GIB)
    assert busy.cache == busy.budget - busy.weights - busy.activations - busy.overhead


def test_gpus_that_talk_and_graphs_cost_memory():
    arch = LLAMA.architecture
    plain = ledger(arch, build(arch), gpu(80), ONE, Load(graphs=False)).overhead
    assert plain < ledger(arch, build(arch), gpu(80), ONE, Load()).overhead
    assert plain < ledger(arch, build(arch), gpu(80), Split(2), Load(graphs=False)).overhead


@pytest.mark.parametrize(
    ("name", "gib", "tokens"), [("H100", 79.18, 8192), ("A100-80", 79.25, 2048), ("L40S", 44.4, 2048)]
)
def test_steps_are_as_long_as_vllm_makes_them_on_such_a_gpu(name: str, gib: float, tokens: int):
    assert default_load(structs.replace(gpu(gib), name=name)).batched_tokens == tokens


@given(st.sampled_from([LLAMA, SCOUT]), st.integers(0, 1 << 40))
def test_the_longest_request_fits_and_one_block_more_does_not(model, room):
    arch, load = model.architecture, Load()
    tokens = longest(arch, ONE, load, room)
    assert request_bytes(arch, ONE, load, tokens) <= room or tokens == 0
    assert request_bytes(arch, ONE, load, tokens + 16) > room


def test_no_room_holds_no_request():
    assert concurrency(LLAMA.architecture, ONE, Load(), -5.0, 16) == 0
    assert concurrency(shelf()["bge-m3"].architecture, ONE, Load(), 0, 16) == float("inf")
